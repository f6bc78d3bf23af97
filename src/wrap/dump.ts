/** A hexdump of what goes each way, as it is on the wire. */
import { TextColumn } from "./text_column.ts";
import type { Observer } from "./tap.ts";

const WIDTH = 16;

/**
 * Lines of `bytes`: offset, 16 bytes in hexadecimal, and what they say as UTF-8. `offset` counts
 * from there; `column` knows how the bytes before ended, where there were some.
 */
export function hexdump(bytes: Uint8Array, offset = 0, column = new TextColumn()): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = bytes.subarray(at, at + WIDTH);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const left = hex.slice(0, 8).join(" ").padEnd(23);
    const right = hex.slice(8).join(" ").padEnd(23);
    const place = (offset + at).toString(16).padStart(8, "0");
    lines.push(`${place}  ${left}  ${right}  ${column.row(row)}`);
  }
  return lines;
}

/** What goes one way: its mark, and what is said of it at the time. */
interface Flow {
  readonly mark: "<" | ">";
  /** `received from 127.0.0.1:5000`, for what has been carried. */
  readonly carried: () => string;
  /** `end of data from 127.0.0.1:5000`, for its end. */
  readonly ended: () => string;
}

/** Both ways of a connection of our own: `<` is what its peer says. */
export function ownFlows(peer: string): readonly [received: Flow, sent: Flow] {
  return [
    { mark: "<", carried: () => `received from ${peer}`, ended: () => `end of data from ${peer}` },
    { mark: ">", carried: () => `sent to ${peer}`, ended: () => `end of data to ${peer}` },
  ];
}

/** Both ways between two others: `>` is from the client, `<` the way back (as socat -x has it). */
export function relayFlows(
  client: string,
  target: () => string,
): readonly [received: Flow, sent: Flow] {
  const flow = (mark: "<" | ">", way: () => string): Flow => ({
    mark,
    carried: way,
    ended: () => `${way()}, end of data`,
  });
  return [
    flow(">", () => `${client} → ${target()}`),
    flow("<", () => `${target()} → ${client}`),
  ];
}

/**
 * Observes an end and writes each chunk with `write`: a line that says when, which way and how
 * much, then the bytes. Offsets count each direction from 0.
 */
export function dumper(
  [received, sent]: readonly [received: Flow, sent: Flow],
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): Observer {
  const side = ({ mark, carried }: Flow) => {
    const column = new TextColumn();
    let offset = 0;
    return (bytes: Uint8Array) => {
      const much = `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`;
      write(`${mark} ${clock(now())} ${carried()}, ${much}`);
      for (const line of hexdump(bytes, offset, column)) write(`${mark} ${line}`);
      offset += bytes.length;
    };
  };
  const end = ({ mark, ended }: Flow) => () => write(`${mark} ${clock(now())} ${ended()}`);
  return {
    received: side(received),
    sent: side(sent),
    receivedEof: end(received),
    sentEof: end(sent),
  };
}

/** The time of day here: `23:59:59.999`. */
function clock(time: Date): string {
  const two = (number: number) => `${number}`.padStart(2, "0");
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${parts}.${`${time.getMilliseconds()}`.padStart(3, "0")}`;
}
