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
    return left && right ? commandFor(left, right, draft) : { notes: draft.notes };
  },
};

/** The addresses of `-s PORT` or `-s HOST:PORT`. */
function serverMode([hostPortText, ...more]: readonly string[]): string[] {
  if (hostPortText === undefined || more.length > 0) {
    throw new UsageError("-s", "websocat expects one port after it, or host:port");
  }
  return [
    /^\d+$/.test(hostPortText) ? `ws-l:127.0.0.1:${hostPortText}` : `ws-l:${hostPortText}`,
    "-",
  ];
}

function commandFor(
  left: WebsocatEndpoint,
  right: WebsocatEndpoint,
  draft: WebsocatDraft,
): Translation {
  const listening = [left, right].find(({ role }) => role === "listen");
  const other = listening === left ? right : left;
  const { options, dialOptions, listenOptions, binary, once } = draft;
  const mode = binary ? ["--binary"] : [];
  if (!listening) return withoutListener(left, right, [...options, ...mode, ...dialOptions], draft);
  const all = [...options, ...listenOptions];
  const to = listening.address;
  const direction = directionOption(draft, left);
  const framing = [...framingOptions(draft, listening, other), ...dialOptions];
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
        words: ["server", ...once ? [] : ["-k"], ...direction, ...all, ...mode, to],
        notes: notes(),
      };
    case "connect":
      return {
        words: ["relay", ...once ? ["--once"] : [], ...all, ...framing, to, other.address],
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
  return { words: ["client", ...directionOption(draft, left), ...options, peer.address], notes };
}

/** The option for `-u`, from the first address to the second, or `-U`, the other way. */
function directionOption({ direction }: WebsocatDraft, left: WebsocatEndpoint): string[] {
  if (!direction) return [];
  return (direction === "right") === (left.role === "stdio") ? ["--send-only"] : ["--recv-only"];
}

/** Options for text: websocat makes a message of each line of a stream. */
function framingOptions(
  { binary }: WebsocatDraft,
  ...endpoints: readonly WebsocatEndpoint[]
): string[] {
  if (binary) return ["--binary"];
  return endpoints.every(hasMessages) || !endpoints.some(hasMessages)
    ? []
    : ["--text", "--frame", "line"];
}

/** The note on lines and messages, for stdio with an endpoint that carries messages. */
function framingNotes(draft: WebsocatDraft, ...endpoints: readonly WebsocatEndpoint[]): string[] {
  if (draft.binary || !endpoints.some(hasMessages) || endpoints.every(hasMessages)) return [];
  if (endpoints.some(({ role }) => role === "echo")) return [];
  return [
    "a line is a message, for both; coax takes the newline off and puts it back, websocat sends it along",
  ];
}
