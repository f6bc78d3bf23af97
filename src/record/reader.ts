/** Reads a recording from its file, or from wherever it comes. */
import { concat } from "../core/bytes.ts";
import { LocalError } from "../core/errors.ts";
import { isMostlyText } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import { reasonOfSystem } from "../transports/system_reason.ts";
import { isFifo, readFifo } from "../transports/fifo.ts";
import { stdio } from "../transports/stdio.ts";
import { STANDARD_STREAM } from "../flags/kinds.ts";
import { DelimitedDecoder } from "../wrap/delimited.ts";
import { beginsCapture } from "./capture.ts";
import { parseEvents, type RecordedEvent } from "./event.ts";

const LF = 0x0a;
/** The longest line, bytes: the runtime has no longer strings, so no recorder wrote one. */
const MAX_LINE = 2 ** 29;
/** Bytes of an event beside its texts, with a wide margin for its steps. */
const MAX_OVERHEAD = 16 * 1024;
const CHUNK = 256 * 1024;

/** What messages call the file that a command line names: `-` is stdin. */
export function inputName(path: string): string {
  return path === STANDARD_STREAM ? "stdin" : path;
}

/** Reads a recording's file into memory. Rejects with a `LocalError` that says what is wrong. */
export async function readRecording(path: string): Promise<RecordedEvent[]> {
  const fail = (reason: string) => new LocalError("read", inputName(path), reason);
  return await readEvents(noCapture(path), fail);
}

/**
 * Reads a capture's file as a recording, and warns of what it hasn't. Rejects with a `LocalError`
 * that says what is wrong.
 */
export async function readCapture(path: string, log: Log): Promise<RecordedEvent[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(path)) chunks.push(chunk.slice());
  const { recordingOf } = await import("./from_pcap.ts");
  try {
    const { events, warnings } = recordingOf(concat(chunks));
    for (const warning of warnings) log.warn("capture", `${inputName(path)}: ${warning}`);
    return events;
  } catch (error) {
    throw new LocalError("read", inputName(path), (error as Error).message);
  }
}

/**
 * Reads a recording into memory. What follows the last newline counts only if it is a whole event:
 * a recording may have been cut anywhere, by a full disk or a power cut. Rejects with what
 * `fail` makes of the reason, which names a line that is wrong.
 */
export async function readEvents(
  chunks: AsyncIterable<Uint8Array>,
  fail: (reason: string) => Error,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const lines = new DelimitedDecoder(LF, { maxMessage: MAX_LINE, fail });
  let number = 0;
  for await (const chunk of chunks) {
    lines.push(chunk);
    for (let line = lines.next(); line; line = lines.next()) {
      number++;
      if (line.data.length === 0) continue;
      try {
        events.push(...parseLine(line.data));
      } catch (error) {
        throw fail(`line ${number}: ${(error as Error).message}`);
      }
    }
  }
  const tail = lines.finish();
  try {
    if (tail) events.push(...parseLine(tail.data));
  } catch {
    // The recording was cut in its last line.
  }
  return events;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parseLine(bytes: Uint8Array): RecordedEvent[] {
  if (!isMostlyText(bytes, MAX_OVERHEAD)) throw new Error("expected an event, with short fields");
  let line: string;
  try {
    line = utf8.decode(bytes);
  } catch {
    throw new Error("expected UTF-8");
  }
  return parseEvents(line);
}

async function* noCapture(path: string): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunksOf(path)) {
    if (isFirst && beginsCapture(chunk)) {
      throw new LocalError("read", inputName(path), "it is a capture, which --from-pcap takes");
    }
    isFirst = false;
    yield chunk;
  }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  if (path === STANDARD_STREAM) return yield* readsOf(stdio);
  try {
    if (await isFifo(path)) return yield await readFifo(path);
    using file = await Deno.open(path);
    yield* readsOf(file);
  } catch (error) {
    throw new LocalError("read", path, reasonOfSystem(error as Error), { cause: error });
  }
}

async function* readsOf(source: Pick<Deno.FsFile, "read">): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK);
  for (let n = await source.read(buffer); n !== null; n = await source.read(buffer)) {
    yield buffer.subarray(0, n);
  }
}
