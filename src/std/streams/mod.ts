/** Typed front of `@std/streams` over its npm mirror. */
import * as bytes from "deno-std/streams/to_bytes.js";
import * as lines from "deno-std/streams/text_line_stream.js";
import * as text from "deno-std/streams/to_text.js";

/** Splits text chunks at `\n` or `\r\n`. */
export const TextLineStream: new () => TransformStream<string, string> = lines.TextLineStream;
/** All bytes of a stream. */
export const toBytes: (stream: ReadableStream<Uint8Array>) => Promise<Uint8Array> = bytes.toBytes;
/** All text of a stream. */
export const toText: (stream: ReadableStream<Uint8Array>) => Promise<string> = text.toText;
