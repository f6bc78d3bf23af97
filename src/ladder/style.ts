/** What an arrow or a note is, by which it gets its color wherever it is drawn. */
import type { Arrow, Note } from "./ladder.ts";

export type RowStyle = "in" | "out" | "setup" | "end" | "reset" | "fault";

export function styleOfArrow({ what, from, to }: Arrow): RowStyle {
  switch (what) {
    case "bytes":
    case "message":
      return from < to ? "in" : "out";
    case "fin":
    case "close":
      return "end";
    case "reset":
    case "refused":
      return "reset";
    default:
      return "setup";
  }
}

export function styleOfNote({ what }: Note): RowStyle {
  return what === "fault" || what === "error" ? "fault" : "setup";
}
