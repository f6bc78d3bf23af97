/** Every byte of every valid reply, changed into every other byte, and cut at each position. */
import { assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { CoaxError } from "../../src/core/errors.ts";
import { httpConnect } from "../../src/proxy/http_connect.ts";
import { socks4aConnect } from "../../src/proxy/socks4.ts";
import { socks5Connect } from "../../src/proxy/socks5.ts";
import { decode, encode, readAll, Script } from "../support/connections.ts";

const TARGET = { host: "h", port: 1 };
const LOGIN = { user: "u", password: "p" };
const PAYLOAD = encode("PAYLOAD");

/** What is left for the target's reader, or undefined if the reply was refused. */
type Outcome = string | undefined;

async function outcome(handshake: (proxy: Script) => Promise<void>, received: Uint8Array) {
  const proxy = new Script([received]);
  try {
    await handshake(proxy);
  } catch (error) {
    if (!(error instanceof CoaxError)) throw error;
    return undefined;
  }
  return decode(await readAll(proxy));
}

/** Changes and cuts `reply`; `expected` decides the outcome for each change. */
async function everyChange(
  reply: Uint8Array,
  handshake: (proxy: Script) => Promise<void>,
  expected: (received: Uint8Array) => Outcome,
): Promise<void> {
  assertEquals(await outcome(handshake, concat([reply, PAYLOAD])), "PAYLOAD");
  for (let at = 0; at < reply.length; at++) {
    assertEquals(await outcome(handshake, reply.slice(0, at)), undefined, `cut at ${at}`);
    for (let byte = 0; byte < 256; byte++) {
      const received = concat([reply, PAYLOAD]);
      received[at] = byte;
      assertEquals(await outcome(handshake, received), expected(received), `byte ${at} as ${byte}`);
    }
  }
}

/** The bytes' meaning by RFC 1928 §6 and RFC 1929 §2, up to the address. */
function socks(login: boolean): (received: Uint8Array) => Outcome {
  const fixed = login ? [5, 2, 1, 0, 5, 0, 0] : [5, 0, 5, 0, 0];
  return (received) => {
    if (fixed.some((byte, at) => received[at] !== byte)) return undefined;
    const [type, length] = received.subarray(fixed.length);
    const size = type === 1 ? 4 : type === 4 ? 16 : type === 3 && length! > 0 ? 1 + length! : NaN;
    const end = fixed.length + 1 + size + 2;
    return end <= received.length ? decode(received.subarray(end)) : undefined;
  };
}

Deno.test("each change of a SOCKS4A reply is refused, or means nothing (SOCKS4)", async () => {
  const reply = Uint8Array.of(0, 90, 0, 80, 127, 0, 0, 1);
  const expected = ([version, code]: Uint8Array) =>
    version === 0 && code === 90 ? "PAYLOAD" : undefined;
  await everyChange(reply, (proxy) => socks4aConnect(proxy, TARGET, LOGIN), expected);
});

const ADDRESSES: [name: string, type: number, address: Uint8Array][] = [
  ["an IPv4 address", 1, Uint8Array.of(127, 0, 0, 1)],
  ["an IPv6 address", 4, new Uint8Array(16)],
  ["a name", 3, Uint8Array.of(3, ...encode("abc"))],
];

for (const [name, type, address] of ADDRESSES) {
  Deno.test(`each byte of a SOCKS5 reply with ${name} is valid, or the reply is refused`, async () => {
    const bound = [5, 0, 0, type, ...address, 0, 80];
    const anonymous = (proxy: Script) => socks5Connect(proxy, TARGET);
    await everyChange(Uint8Array.of(5, 0, ...bound), anonymous, socks(false));
    // A proxy may let in without asking a client that could have logged in.
    const known = (proxy: Script) => socks5Connect(proxy, TARGET, LOGIN);
    const either = (received: Uint8Array) =>
      (received[1] === 0 ? socks(false) : socks(true))(received);
    await everyChange(Uint8Array.of(5, 2, 1, 0, ...bound), known, either);
  });
}

const HEAD =
  /^(?:HTTP\/1\.\d 1(?!01)\d\d(?: [\t -~\x80-\xff]*)?\r\n(?:[!#$%&'*+.^_`|~\w-]+:[\t -~\x80-\xff]*\r\n)*\r\n)*HTTP\/1\.\d 2\d\d(?: [\t -~\x80-\xff]*)?\r\n(?:[!#$%&'*+.^_`|~\w-]+:[\t -~\x80-\xff]*\r\n)*\r\n/;

Deno.test("each byte of an HTTP proxy's reply is valid, or the reply is refused", async () => {
  const expected = (received: Uint8Array) => {
    const text = String.fromCharCode(...received);
    const [head] = HEAD.exec(text) ?? [];
    return head === undefined ? undefined : text.slice(head.length);
  };
  const connect = (proxy: Script) => httpConnect(proxy, TARGET);
  for (const before of ["", "HTTP/1.1 103 E\r\n\r\n"]) {
    await everyChange(encode(`${before}HTTP/1.1 200 OK\r\nA: b\r\n\r\n`), connect, expected);
  }
});
