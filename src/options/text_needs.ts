/** Needs of the options on text, by what carries it: bytes, datagrams, or a WebSocket. */
import { isUtf8 } from "../charset/labels.ts";
import type { Need } from "../flags/need.ts";
import { parseEscapes } from "../flags/values.ts";
import { BYTES, DATAGRAMS, except, GATES, MESSAGES, WEBSOCKET } from "./needs.ts";

/** The frame that ends each message with LF, which is then no part of it. */
const LINES = "frame=line";
/** Options without which text of stdin for a WebSocket is cut at lines. */
const OTHER_CUTS = ["binary", "frame"];
const NOT_STDIO = BYTES.filter((kind) => kind !== "stdio" && kind !== "own");
/** What may be connected to: a gate is connected to only because it is listened on. */
const TARGETS = BYTES.filter((kind) => !GATES.includes(kind));

/** Line ends within what is sent, for a stream or within messages that aren't lines themselves. */
export const lineEnds: Need = {
  ways: [
    { from: BYTES, to: TARGETS },
    { from: MESSAGES, to: TARGETS.filter((kind) => kind !== "own") },
    { from: BYTES, to: DATAGRAMS, without: LINES },
    { from: NOT_STDIO, to: WEBSOCKET, without: LINES },
    // A server's answers are from stdin.
    { from: DATAGRAMS, to: ["own"], without: LINES },
    ...OTHER_CUTS.flatMap((beside) => [
      { from: BYTES, to: WEBSOCKET, beside, without: LINES },
      { from: WEBSOCKET, to: ["own"] as const, beside, without: LINES },
    ]),
  ],
  expected: "bytes to send, or messages that aren't cut at lines: a line has its end from --frame",
};

/** Text that isn't UTF-8 is no text for a WebSocket (RFC 6455 §8.1). */
export const utf8Sends: Need = {
  concerns: (text) => !isValid(parseEscapes(text)),
  ways: [{ from: except(WEBSOCKET), to: except(WEBSOCKET) }, { beside: "binary" }],
  every: true,
  expected: "UTF-8, or --binary",
};

/** Another encoding than that of a WebSocket's text. */
const isOther = (name: string) => !isUtf8(name);
/** What has an encoding of its own, and is connected to because an operand says so. */
const ENCODED = except([...WEBSOCKET, ...GATES, "own"]);

/** A peer that may speak it, of a relay that is TO: a WebSocket only in binary messages. */
export const encodedPeer: Need = {
  concerns: isOther,
  ways: [
    { to: ENCODED },
    { from: except([...WEBSOCKET, "stdio", "own"]), to: WEBSOCKET, without: "text" },
    { from: ["stdio", "own"], to: WEBSOCKET, beside: "binary" },
    { from: except(WEBSOCKET), to: ["own"] },
    { from: WEBSOCKET, to: ["own"], beside: "binary" },
  ],
  expected: "bytes, datagrams or binary messages: a WebSocket's text is always UTF-8",
};

/** Members of a room that may speak it. */
export const encodedMembers: Need = {
  concerns: isOther,
  ways: [{ from: except(WEBSOCKET) }],
  expected: "bytes or datagrams: a WebSocket's text is always UTF-8",
};

function isValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
