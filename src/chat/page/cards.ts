/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Cards between the lines: the invitation of an empty room, and the help. */
import { COMMANDS, SLASHES } from "../protocol/requests.ts";
import { make } from "./dom.ts";
import type { LogView } from "./log.ts";
import { qrCode } from "./qr.ts";
import type { Roster } from "./screen.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["Enter", "sends"],
  ["Shift Enter", "begins a new line"],
  ["Tab", "completes a name"],
  ["```", "around code keeps its look"],
];

/** What can be typed. */
export function helpCard(): HTMLElement {
  const commands = COMMANDS.flat();
  return make(
    "section",
    "card help",
    make("h2", "", "What you can type"),
    listOf(commands),
    listOf(KEYS),
    make("p", "tag", SLASHES),
  );
}

function listOf(rows: readonly (readonly [string, string])[]): HTMLElement {
  const items = rows.flatMap(([typed, does]) => {
    return [make("dt", "", make("code", "", typed)), make("dd", "", does)];
  });
  return make("dl", "", ...items);
}

/** Whom nobody but this machine reaches. */
const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The address that others open: the page's own, or where that is this machine's alone, the first of
 * `pages` that isn't.
 */
function addressForOthers(page: URL, pages: readonly string[]): URL {
  const own = new URL(page.pathname, page);
  if (!LOCAL.test(page.hostname)) return own;
  const other = pages.filter((text) => URL.canParse(text)).map((text) =>
    new URL(page.pathname, text)
  )
    .find(({ hostname, protocol }) => !LOCAL.test(hostname) && protocol === page.protocol);
  return other ?? own;
}

/** Members that nobody can talk with: the terminal of the room, which has nobody at it often. */
const HOST = "server";

/** Shows the invitation while nobody else is in the room, once each time. */
export class InvitationView {
  pages: readonly string[] = [];
  #card: HTMLElement | undefined;

  constructor(private readonly log: LogView, private readonly page: string) {}

  show({ me, members }: Roster): void {
    const isAlone = members.every((name) => name === me || name === HOST);
    if (isAlone === (this.#card !== undefined)) return;
    this.#card?.remove();
    this.#card = undefined;
    if (!isAlone) return;
    this.#card = invitationCard(addressForOthers(new URL(this.page), this.pages));
    this.log.showCard(this.#card);
  }
}

/** How others come into an empty room. */
function invitationCard(address: URL): HTMLElement {
  const card = make("section", "card invitation");
  const { href } = address;
  const code = qrCode(href, `QR code of ${href}`);
  const link = make("a", "address", href);
  link.href = href;
  link.dir = "ltr";
  const words = make("div", "words", make("h2", "", "Nobody else is here yet"));
  words.append(
    make("p", "", "Send this address to whom you want to talk to:"),
    make("p", "", link),
  );
  if (navigator.clipboard) words.append(copyButton(href));
  if (LOCAL.test(address.hostname)) {
    const bound = `coax chat ${address.protocol === "https:" ? "wss" : "ws"}://:${address.port}`;
    words.append(
      make("p", "tag", "It works on this machine alone. For others, start the room with "),
    );
    words.lastElementChild!.append(make("code", "", bound));
  }
  card.append(words, ...code ? [code] : []);
  return card;
}

function copyButton(text: string): HTMLElement {
  const button = make("button", "chip", "Copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here: select it";
    }
  });
  return button;
}
