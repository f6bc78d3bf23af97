/** Random recordings: events in any order, with hostile text in all of their fields. */
import type { EventBody, RecordedEvent, Side, SocketStep } from "../../src/record/event.ts";
import { encode } from "../support/connections.ts";
import { below, type Generator, pick } from "../support/random.ts";

const SIDES: readonly Side[] = ["in", "out"];

/** Pieces that texts are made of. */
const PIECES = [
  ..."\0 \x07 \x1b[2J \x1b]0;x\x07 \x7f \x85 \x9b31m \n \r\n \t".split(" "),
  ..."\u202e \u2066 \u200b \u200d \u2028 \ufeff \ufffe \u{e0041} \ue000 \u{10ffff}".split(" "),
  ...`& < > " ' ]]> <!-- <script> </text> {from} $& \\ %s`.split(" "),
  ..."word 漢字 ㅤ 👩‍👩‍👧 🇩🇪 ❤️ ﷺ ก็ नि e\u0301\u0301\u0301\u0301\u0301 \u0301 ᄒ".split(" "),
  ..."tcp:// exec: sh: unix:/x ws:// refused reset: 127.0.0.1:80 [::1]:9".split(" "),
  " ",
];

function text(random: Generator): string {
  return Array.from({ length: below(random, 12) }, () => pick(random, PIECES)).join("");
}

function maybe<T>(random: Generator, value: T): T | undefined {
  return random() < 0.6 ? value : undefined;
}

function payload(random: Generator) {
  const size = below(random, 600);
  return random() < 0.5
    ? { data: encode(text(random)), text: true }
    : { data: Uint8Array.from({ length: size }, () => below(random, 256)), text: false };
}

const STEPS = [
  ..."create bind listen resolved connect connect-failed retry spawn connected accept proxied"
    .split(" "),
  ..."tls request response fault later".split(" "),
];

/** @param kinds How many kinds of events there are; the first two are messages and bytes. */
function body(random: Generator, kinds: number): EventBody | ({ event: "step" } & SocketStep) {
  const dir = pick(random, SIDES);
  switch (below(random, kinds)) {
    case 0:
      return { event: "message", dir, payload: payload(random) };
    case 1:
    case 2:
    case 3:
    case 4:
      return { event: "data", dir, payload: payload(random) };
    case 5: {
      const transport = maybe(random, pick(random, ["ws", "udp"] as const));
      const [peer, local] = [maybe(random, text(random)), maybe(random, text(random))];
      const omitted = maybe(random, { in: below(random, 1e9), out: below(random, 2) });
      return { event: "open", dir: "in", peer, at: maybe(random, dir), local, transport, omitted };
    }
    case 6:
      return { event: "half-close", dir };
    case 7: {
      const [code, reset] = [maybe(random, below(random, 5000)), maybe(random, random() < 0.5)];
      return { event: "close", dir: maybe(random, dir), code, reset };
    }
    case 8:
      return {
        event: "error",
        text: maybe(random, text(random)),
        status: maybe(random, 1),
        own: maybe(random, true),
      };
    default:
      return {
        event: "step",
        step: pick(random, STEPS),
        leg: pick(random, ["client", "target"]),
        address: maybe(random, text(random)),
        text: maybe(random, text(random)),
        seconds: maybe(random, random() * 3),
      };
  }
}

/** A recording of a few connections. */
export function randomRecording(random: Generator): RecordedEvent[] {
  const isChatty = random() < 0.2;
  const length = 1 + below(random, isChatty ? 120 : 20);
  const connections = 1 + below(random, 3);
  const scale = pick(random, [1e-6, 1e-3, 0.1, 1, 100, 1e5]);
  let t = random() * scale;
  return Array.from({ length }, () => {
    t += random() < 0.1 ? -t * random() : random() * scale;
    return { t, id: 1 + below(random, connections), ...body(random, isChatty ? 5 : 12) };
  });
}
