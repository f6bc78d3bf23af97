/** A hexdump of what goes each way, as it is on the wire. */
import type { Observer } from "./tap.ts";

const WIDTH = 16;

/** Lines of `bytes`: offset, 16 bytes in hexadecimal, printable ASCII. `offset` counts from there. */
export function hexdump(bytes: Uint8Array, offset = 0): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = [...bytes.subarray(at, at + WIDTH)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const left = hex.slice(0, 8).join(" ").padEnd(23);
    const right = hex.slice(8).join(" ").padEnd(23);
    const shown = row.map((b) => b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : ".").join("");
    lines.push(`${(offset + at).toString(16).padStart(8, "0")}  ${left}  ${right}  |${shown}|`);
  }
  return lines;
}

/**
 * Observes an end and writes each chunk with `write`: a line that says which way and how much,
 * then the bytes. Offsets count each direction from 0.
 */
export function dumper(peer: string, write: (line: string) => void): Observer {
  const offsets = { "<": 0, ">": 0 };
  const show = (arrow: "<" | ">", bytes: Uint8Array) => {
    const way = arrow === "<" ? `received from ${peer}` : `sent to ${peer}`;
    write(`${arrow} ${way}, ${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`);
    for (const line of hexdump(bytes, offsets[arrow])) write(`${arrow} ${line}`);
    offsets[arrow] += bytes.length;
  };
  return {
    received: (bytes) => show("<", bytes),
    sent: (bytes) => show(">", bytes),
    peerEnded: () => write(`< end of data from ${peer}`),
    weEnded: () => write(`> end of data to ${peer}`),
  };
}
