/**
 * The PROXY protocol: a header before the first byte with the addresses of the original connection
 * (haproxy.org, "The PROXY protocol", versions 1 and 2).
 */
import { concat } from "../core/bytes.ts";
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { takeExactly, takeFirst } from "../core/take.ts";
import { formatAuthority } from "../address/address.ts";
import {
  bytesOfIp,
  formatIp,
  ipOfBytes,
  parseIPv4,
  parseIPv6,
  parseLiteral,
} from "../address/ip.ts";
import { parseTarget } from "./target.ts";

/** Both addresses of the original connection, as `host:port`. */
interface OriginalAddresses {
  readonly source: string;
  readonly destination: string;
}

const STAGE = "proxy-protocol";
/** `\r\n\r\n\0\r\nQUIT\n` (§2.2). */
const SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
const V2_PROXY = 0x21;
const V2_LOCAL = 0x20;
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;
/** Unspecified, UDP and Unix sockets: valid, but without addresses that we use (§2.2). */
const V2_OTHERS = [0x00, 0x12, 0x22, 0x31, 0x32];
/** The longest header of version 1 with its CR LF, bytes (§2.1). */
const V1_LONGEST = 107;
/** The longest header of version 2 that is accepted, with extensions, bytes. */
const V2_LONGEST = 4096;

/** The header for a connection: UNKNOWN or LOCAL without TCP addresses (Unix sockets). */
export function proxyHeader(
  version: "v1" | "v2",
  { source, destination }: OriginalAddresses,
): Uint8Array {
  const from = parseTarget(source);
  const to = parseTarget(destination);
  const [fromIp, toIp] = [from, to].map((target) => target && parseLiteral(target.host));
  const known = from && to && fromIp && toIp && fromIp.length === toIp.length;
  if (version === "v1") {
    const line = known
      ? `PROXY TCP${fromIp.length === 2 ? 4 : 6} ${formatIp(fromIp)} ${formatIp(toIp)} ` +
        `${from.port} ${to.port}\r\n`
      : "PROXY UNKNOWN\r\n";
    return new TextEncoder().encode(line);
  }
  if (!known) return concat([SIGNATURE, Uint8Array.of(V2_LOCAL, 0, 0, 0)]);
  const ports = Uint8Array.of(from.port >> 8, from.port & 255, to.port >> 8, to.port & 255);
  const family = fromIp.length === 2 ? V2_TCP4 : V2_TCP6;
  const body = concat([bytesOfIp(fromIp), bytesOfIp(toIp), ports]);
  return concat([SIGNATURE, Uint8Array.of(V2_PROXY, family, 0, body.length), body]);
}

/**
 * Reads the header, of either version, at the start of `connection`, and no byte more. Null for a
 * header without addresses (health checks, Unix sockets). Rejects with a `LeftError` at EOF before
 * it, else with a `BrokenError`.
 */
export async function takeProxyHeader(connection: Duplex): Promise<OriginalAddresses | null> {
  try {
    return await takeHeader(connection);
  } catch (error) {
    if (!(error instanceof BrokenError) || error.stage === STAGE) throw error;
    throw new BrokenError(STAGE, connection.peer, `no whole PROXY header came: ${error.reason}`, {
      cause: error,
    });
  }
}

async function takeHeader(connection: Duplex): Promise<OriginalAddresses | null> {
  const malformed = () => new BrokenError(STAGE, connection.peer, "no valid PROXY header");
  // No header of either version is shorter than this ("PROXY UNKNOWN\r\n" has 15).
  const first = await takeFirst(connection, STAGE);
  const start = concat([first, await takeExactly(connection, SIGNATURE.length - 1)]);
  if (start.every((byte, i) => byte === SIGNATURE[i])) return await takeV2(connection, malformed);
  let line = new TextDecoder().decode(start);
  if (!line.startsWith("PROXY ")) throw malformed();
  while (!line.endsWith("\r\n")) {
    if (line.length >= V1_LONGEST) throw malformed();
    line += String.fromCharCode((await takeExactly(connection, 1))[0]!);
  }
  return parseV1(line.slice(0, -2), malformed);
}

function parseV1(line: string, malformed: () => BrokenError): OriginalAddresses | null {
  if (/^PROXY UNKNOWN( |$)/.test(line)) return null;
  const [, family, from, to, fromPort, toPort] =
    /^PROXY TCP([46]) ([^\s%]+) ([^\s%]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/.exec(line) ?? [];
  const parse = family === "4" ? parseIPv4 : parseIPv6;
  const valid = [from, to].every((host) => host && parse(host)) &&
    [fromPort, toPort].every((port) => Number(port) <= 65535);
  if (!valid) throw malformed();
  return {
    source: formatAuthority({ host: from!, port: Number(fromPort) }),
    destination: formatAuthority({ host: to!, port: Number(toPort) }),
  };
}

async function takeV2(
  connection: Duplex,
  malformed: () => BrokenError,
): Promise<OriginalAddresses | null> {
  const [command, family, high, low] = await takeExactly(connection, 4);
  const length = high! << 8 | low!;
  if ((command !== V2_PROXY && command !== V2_LOCAL) || length > V2_LONGEST) throw malformed();
  const body = await takeExactly(connection, length);
  if (command === V2_LOCAL) return null; // Its family has to be ignored (§2.2).
  const size = family === V2_TCP4 ? 4 : family === V2_TCP6 ? 16 : 0;
  if (size === 0 && !V2_OTHERS.includes(family!)) throw malformed();
  if (size === 0) return null;
  if (length < size * 2 + 4) throw malformed();
  const view = new DataView(body.buffer);
  const address = (index: number) =>
    formatAuthority({
      host: formatIp(ipOfBytes(body.subarray(index * size, (index + 1) * size))),
      port: view.getUint16(size * 2 + index * 2),
    });
  return { source: address(0), destination: address(1) };
}
