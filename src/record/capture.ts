/** Reads the packets of a capture file: pcap (draft-ietf-opsawg-pcap) and pcapng. */
import { ipOfLink, isKnownLink } from "./link.ts";

/** An IP packet of a capture. */
export interface CapturedPacket {
  /** Its place in the capture, from 1. */
  readonly number: number;
  /** When it was captured, in seconds since the beginning of 1970. */
  readonly time: number;
  /** From its IP header on. */
  readonly ip: Uint8Array;
}

interface RawPacket {
  readonly time: number;
  readonly link: number;
  readonly data: Uint8Array;
  /** Bytes that it had on the wire. */
  readonly length: number;
}

/** The file's first four bytes, read with the byte order of the rest, and ticks in a second. */
const MAGICS: ReadonlyMap<number, number> = new Map([[0xa1b2c3d4, 1e6], [0xa1b23c4d, 1e9]]);
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** An interface's option with the resolution of its times. */
const IF_TSRESOL = 9;

/**
 * The IP packets of a capture, in its order; others (ARP) are left out. A file that was cut ends
 * with its last whole packet. Throws a plain `Error` for anything else than a capture, and for a
 * packet of which the capture has only a part.
 *
 * @param unknown Called for a packet that is left out, since its type of link isn't known.
 */
export function* packetsOf(
  file: Uint8Array,
  unknown: (link: number) => void,
): Generator<CapturedPacket> {
  let number = 0;
  for (const { time, link, data, length } of rawPacketsOf(file)) {
    number++;
    if (!isKnownLink(link)) {
      unknown(link);
      continue;
    }
    const ip = ipOfLink(link, data);
    if (!ip) continue;
    if (data.length < length) {
      const part = `${data.length} of ${length} bytes`;
      throw new Error(`packet ${number}: the capture has ${part}; tcpdump -s 0 keeps all`);
    }
    yield { number, time, ip };
  }
}

/** Whether bytes are the first ones of a capture. */
export function beginsCapture(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  const view = new DataView(start.buffer, start.byteOffset);
  return view.getUint32(0) === SECTION_HEADER ||
    [false, true].some((little) => MAGICS.has(view.getUint32(0, little)));
}

function rawPacketsOf(file: Uint8Array): Generator<RawPacket> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length >= 12 && view.getUint32(0) === SECTION_HEADER) return blocks(view);
  for (const little of [false, true]) {
    const ticks = file.length >= 24 ? MAGICS.get(view.getUint32(0, little)) : undefined;
    if (ticks) return records(view, little, ticks);
  }
  throw new Error("expected a capture, pcap or pcapng");
}

function bytesAt({ buffer, byteOffset }: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + at, length);
}

/** The records of a pcap file. */
function* records(view: DataView, little: boolean, ticks: number): Generator<RawPacket> {
  const link = view.getUint32(20, little) & 0x0fff_ffff;
  for (let at = 24; at + 16 <= view.byteLength;) {
    const [seconds, fraction, size, length] = [0, 4, 8, 12].map((offset) =>
      view.getUint32(at + offset, little)
    ) as [number, number, number, number];
    at += 16;
    if (at + size > view.byteLength) return;
    yield { time: seconds + fraction / ticks, link, data: bytesAt(view, at, size), length };
    at += size;
  }
}

interface CaptureInterface {
  readonly link: number;
  /** Ticks of its clock in a second. */
  readonly ticks: number;
}

/** The packets in the blocks of a pcapng file. */
function* blocks(view: DataView): Generator<RawPacket> {
  let little = false;
  let interfaces: CaptureInterface[] = [];
  for (let at = 0; at + 12 <= view.byteLength;) {
    if (view.getUint32(at) === SECTION_HEADER) {
      little = view.getUint32(at + 8) !== BYTE_ORDER;
      interfaces = [];
    }
    const [type, size] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
    if (size < 12 || size % 4 !== 0) throw new Error(`a block of ${size} bytes`);
    if (at + size > view.byteLength) return;
    const body = new DataView(view.buffer, view.byteOffset + at + 8, size - 12);
    if (type === INTERFACE) interfaces.push(interfaceOf(body, little));
    if (type === ENHANCED_PACKET) yield enhanced(body, little, interfaces);
    if (type === SIMPLE_PACKET) throw new Error("packets without times (simple packet blocks)");
    at += size;
  }
}

function interfaceOf(body: DataView, little: boolean): CaptureInterface {
  const link = body.getUint16(0, little);
  for (let at = 8; at + 4 <= body.byteLength;) {
    const [code, length] = [body.getUint16(at, little), body.getUint16(at + 2, little)];
    if (code === IF_TSRESOL && at + 4 < body.byteLength) {
      const exponent = body.getUint8(at + 4);
      return { link, ticks: exponent & 0x80 ? 2 ** (exponent & 0x7f) : 10 ** exponent };
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { link, ticks: 1e6 };
}

function enhanced(
  body: DataView,
  little: boolean,
  interfaces: readonly CaptureInterface[],
): RawPacket {
  const from = interfaces[body.getUint32(0, little)];
  const [high, low] = [body.getUint32(4, little), body.getUint32(8, little)];
  const [size, length] = [body.getUint32(12, little), body.getUint32(16, little)];
  if (!from || 20 + size > body.byteLength) throw new Error("a packet of no interface");
  const time = (high * 2 ** 32 + low) / from.ticks;
  return { time, link: from.link, data: bytesAt(body, 20, size), length };
}
