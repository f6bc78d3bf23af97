/** Link layers of captures (the registry of link types, tcpdump.org/linktypes.html). */

const ETHERNET = 1;
const NULL = 0;
const LOOP = 108;
const RAW = new Set([12, 14, 101, 228, 229]);
const LINUX_SLL = 113;
const LINUX_SLL2 = 276;

const ETHERTYPES = new Set([0x0800, 0x86dd]);
/** Tags of virtual networks, of four bytes each (IEEE 802.1Q, 802.1ad). */
const TAGS = new Set([0x8100, 0x88a8]);

const KNOWN = new Set([ETHERNET, NULL, LOOP, LINUX_SLL, LINUX_SLL2, ...RAW]);

/** Whether frames of that link type are understood. */
export function isKnownLink(link: number): boolean {
  return KNOWN.has(link);
}

/** The IP packet in a frame of a known link type; undefined where it has none. */
export function ipOfLink(link: number, frame: Uint8Array): Uint8Array | undefined {
  const typeAt = (at: number) => frame[at]! << 8 | frame[at + 1]!;
  switch (link) {
    case ETHERNET: {
      let at = 12;
      while (TAGS.has(typeAt(at))) at += 4;
      return ETHERTYPES.has(typeAt(at)) ? frame.subarray(at + 2) : undefined;
    }
    case LINUX_SLL:
      return ETHERTYPES.has(typeAt(14)) ? frame.subarray(16) : undefined;
    case LINUX_SLL2:
      return ETHERTYPES.has(typeAt(0)) ? frame.subarray(20) : undefined;
    case NULL:
    case LOOP:
      return withVersion(frame.subarray(4));
    default:
      return withVersion(frame);
  }
}

function withVersion(packet: Uint8Array): Uint8Array | undefined {
  const version = packet.length === 0 ? 0 : packet[0]! >> 4;
  return version === 4 || version === 6 ? packet : undefined;
}
