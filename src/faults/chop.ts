/** `--chop`: small pieces, for receivers that believe a read is a message. */
import type { End } from "../core/duplex.ts";
import { gated, type Tell } from "./fault.ts";

/** Sends to a stream in pieces of at most `size` bytes. Messages keep their borders. */
export function chop(end: End, size: number, tell: Tell): End {
  if (end.framing === "message") return end;
  return gated(end, {
    piece: size,
    before: (length) => tell("chop", `sent a piece of ${length} bytes to ${end.peer}`),
  });
}
