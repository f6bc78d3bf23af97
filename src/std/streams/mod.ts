/** Typed front of `@std/streams` over its npm mirror. */
import * as lines from "deno-std/streams/text_line_stream.js";

/** Splits text chunks at `\n` or `\r\n`. */
export const TextLineStream: new () => TransformStream<string, string> = lines.TextLineStream;
