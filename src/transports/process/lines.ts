/** The lines that a command writes, one by one. */
import { TextLineStream } from "@std/streams";

/** Passes on each line of a stream, until its end or failure. */
export async function passLines(
  stream: ReadableStream<Uint8Array>,
  pass: (line: string) => void,
): Promise<void> {
  const text = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
  try {
    for await (const line of text.pipeThrough(new TextLineStream())) pass(line);
  } catch {
    // The command has gone.
  }
}
