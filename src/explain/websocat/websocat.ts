/** websocat (1.9 to 1.14): its simple modes, and the common address types of its advanced one. */
import { UsageError } from "../../core/errors.ts";
import { readOptions } from "../options.ts";
import type { Tool, Translation } from "../translation.ts";
import { hasMessages, parseWebsocatAddress, type WebsocatEndpoint } from "./address.ts";
import { WEBSOCAT_OPTIONS, WebsocatDraft } from "./options.ts";

const ROOM =
  "a coax room gives members names and tells who comes and goes; websocat repeats messages as they are, to the sender too";
const SEVERAL =
  "with several clients, a line of websocat's stdin goes to one of them; with -k, to all";

export const websocat: Tool = {
  names: ["websocat"],
  translate(args) {
    const draft = new WebsocatDraft();
    const cut = args.indexOf("--exec-args");
    if (cut >= 0) draft.args = args.slice(cut + 1);
    const words = readOptions(
      "websocat",
      WEBSOCAT_OPTIONS,
      cut < 0 ? args : args.slice(0, cut),
      draft,
    );
    const [first, second, ...more] = draft.server ? serverMode(words) : words;
    if (first === undefined || more.length > 0) {
      throw new UsageError("websocat", "expected one address or two");
    }
    const addresses = second === undefined ? ["-", first] : [first, second];
    const [left, right] = addresses.map((text) => parseWebsocatAddress(text, draft));
    return left && right ? join(left, right, draft) : { notes: draft.notes };
  },
};

/** `-s PORT` or `-s HOST:PORT`. */
function serverMode([place, ...more]: readonly string[]): string[] {
  if (place === undefined || more.length > 0) {
    throw new UsageError("-s", "websocat expects one port after it, or host:port");
  }
  return [/^\d+$/.test(place) ? `ws-l:127.0.0.1:${place}` : `ws-l:${place}`, "-"];
}

function join(left: WebsocatEndpoint, right: WebsocatEndpoint, draft: WebsocatDraft): Translation {
  const listening = [left, right].find(({ role }) => role === "listen");
  const other = listening === left ? right : left;
  const { options, dialing, serving, binary, once } = draft;
  const mode = binary ? ["--binary"] : [];
  if (!listening) return withoutListener(left, right, [...options, ...mode, ...dialing], draft);
  const all = [...options, ...serving];
  const to = listening.address;
  const notes = () => [...framingNotes(draft, listening, other), ...draft.notes];
  switch (other.role) {
    case "echo":
      return { words: ["echo", ...all, to], notes: notes() };
    case "room":
      draft.notes.push(ROOM);
      return { words: ["chat", ...all, to], notes: draft.notes };
    case "stdio":
      if (!once) draft.notes.push(SEVERAL);
      return {
        words: ["server", ...once ? [] : ["-k"], ...oneWay(draft, left), ...all, ...mode, to],
        notes: notes(),
      };
    case "connect":
      return {
        words: [
          "relay",
          ...once ? ["--once"] : [],
          ...all,
          ...framingOptions(draft, listening, other),
          ...dialing,
          to,
          other.address,
        ],
        notes: notes(),
      };
    case "listen":
      return { notes: [...draft.notes, "coax listens at one end of a relay only"] };
  }
}

function withoutListener(
  left: WebsocatEndpoint,
  right: WebsocatEndpoint,
  options: string[],
  draft: WebsocatDraft,
): Translation {
  const stdio = [left, right].find(({ role }) => role === "stdio");
  const peer = stdio === left ? right : left;
  if (!stdio || peer.role !== "connect") {
    return {
      notes: [...draft.notes, "coax listens at one end, or talks through stdin and stdout"],
    };
  }
  const notes = [...framingNotes(draft, peer, stdio), ...draft.notes];
  return { words: ["client", ...oneWay(draft, left), ...options, peer.address], notes };
}

/** `-u` goes from the first address to the second, `-U` back. */
function oneWay({ direction }: WebsocatDraft, left: WebsocatEndpoint): string[] {
  if (!direction) return [];
  return (direction === "right") === (left.role === "stdio") ? ["--send-only"] : ["--recv-only"];
}

/** With text, websocat makes a message of each line of an end that has no messages. */
function framingOptions(
  { binary }: WebsocatDraft,
  ...endpoints: readonly WebsocatEndpoint[]
): string[] {
  if (binary) return ["--binary"];
  return endpoints.every(hasMessages) || !endpoints.some(hasMessages)
    ? []
    : ["--text", "--frame", "line"];
}

/** How lines become messages where stdin and stdout talk to an end that has messages. */
function framingNotes(draft: WebsocatDraft, ...endpoints: readonly WebsocatEndpoint[]): string[] {
  if (draft.binary || !endpoints.some(hasMessages) || endpoints.every(hasMessages)) return [];
  if (endpoints.some(({ role }) => role === "echo")) return [];
  return [
    "a line is a message, for both; coax takes the newline off and puts it back, websocat sends it along",
  ];
}
