/** `-x`: a hexdump of both directions. */
import { TextColumn } from "./text_column.ts";
import type { Observer } from "./tap.ts";

const WIDTH = 16;

/**
 * Lines of `bytes`: offset, 16 bytes in hexadecimal, and their text in UTF-8.
 *
 * @param offset Of the first byte.
 * @param column The text column of the bytes before, if there were some.
 */
export function hexdump(bytes: Uint8Array, offset = 0, column = new TextColumn()): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = bytes.subarray(at, at + WIDTH);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const left = hex.slice(0, 8).join(" ").padEnd(23);
    const right = hex.slice(8).join(" ").padEnd(23);
    const address = (offset + at).toString(16).padStart(8, "0");
    lines.push(`${address}  ${left}  ${right}  ${column.row(row)}`);
  }
  return lines;
}

/** One direction: its mark, and how its events are described. */
interface Flow {
  readonly mark: "<" | ">";
  /** Describes data: `received from 127.0.0.1:5000`. */
  readonly data: () => string;
  /** Describes EOF: `end of data from 127.0.0.1:5000`. */
  readonly eof: () => string;
}

/** Both directions of a connection of our own: `<` is received, `>` is sent. */
export function ownFlows(peer: string): readonly [received: Flow, sent: Flow] {
  return [
    { mark: "<", data: () => `received from ${peer}`, eof: () => `end of data from ${peer}` },
    { mark: ">", data: () => `sent to ${peer}`, eof: () => `end of data to ${peer}` },
  ];
}

/** Both directions of a relay: `>` is from the client, `<` from the target, as in socat -x. */
export function relayFlows(
  client: string,
  target: () => string,
): readonly [received: Flow, sent: Flow] {
  const flow = (mark: "<" | ">", direction: () => string): Flow => ({
    mark,
    data: direction,
    eof: () => `${direction()}, end of data`,
  });
  return [
    flow(">", () => `${client} → ${target()}`),
    flow("<", () => `${target()} → ${client}`),
  ];
}

/**
 * Observes a connection and dumps each chunk with `write`: a line with time, direction and size,
 * then the bytes. Each direction has its own offsets from 0.
 */
export function dumper(
  [received, sent]: readonly [received: Flow, sent: Flow],
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): Observer {
  const dumpData = ({ mark, data }: Flow) => {
    const column = new TextColumn();
    let offset = 0;
    return (bytes: Uint8Array) => {
      const size = `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`;
      write(`${mark} ${clock(now())} ${data()}, ${size}`);
      for (const line of hexdump(bytes, offset, column)) write(`${mark} ${line}`);
      offset += bytes.length;
    };
  };
  const dumpEof = ({ mark, eof }: Flow) => () => write(`${mark} ${clock(now())} ${eof()}`);
  return {
    received: dumpData(received),
    sent: dumpData(sent),
    receivedEof: dumpEof(received),
    sentEof: dumpEof(sent),
  };
}

/** The local time of day: `23:59:59.999`. */
function clock(time: Date): string {
  const two = (number: number) => `${number}`.padStart(2, "0");
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${parts}.${`${time.getMilliseconds()}`.padStart(3, "0")}`;
}
