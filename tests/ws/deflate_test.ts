import { assert, assertEquals, assertRejects } from "@std/assert";
import { createDeflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../../src/core/bytes.ts";
import { CloseError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { silent } from "../../src/core/log.ts";
import { WebSocketChannel } from "../../src/ws/channel.ts";
import { ViolationError } from "../../src/ws/close.ts";
import { Deflate } from "../../src/ws/deflate.ts";
import { offerDeflate } from "../../src/ws/deflate_offer.ts";
import { encode, readExactly } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";
import { soon } from "../support/wait.ts";
import { channelPair } from "./pair.ts";
import { bytes, frame, frames } from "./wire.ts";

const KiB = 1024;

/** A client's channel with compression agreed on, and the bytes of its server. */
function compressed(maxMessage: number) {
  const [ourSide, peer] = memoryPair();
  const deflate = offerDeflate(maxMessage).settle([
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  ]);
  const agreement = { isServer: false, target: "/", deflate, rest: new Uint8Array() };
  return { channel: new WebSocketChannel(ourSide, agreement, { maxMessage }, silent), peer };
}

/** A message as permessage-deflate sends it (RFC 7692 §7.2.1). */
function squeeze(data: Uint8Array): Uint8Array {
  const stream = deflateRawSync(data, { finishFlush: 2 }); // Z_SYNC_FLUSH
  return new Uint8Array(stream.subarray(0, -4));
}

Deno.test("text is compressed where both agree, and arrives as it was", async () => {
  const [client, server] = await channelPair();
  const long = encode("many words, ".repeat(20_000));
  for (const [from, to] of [[client, server], [server, client], [client, server]] as const) {
    for (const data of [long, encode("short"), long, new Uint8Array()]) {
      const sending = from.send({ data, text: true });
      assertEquals(await soon(to.receive(), "message"), { data, text: true });
      await sending;
    }
  }
  client.close();
  server.close();
  await soon(Promise.all([client.closed, server.closed]), "closed");
});

Deno.test("long text goes out compressed, short text and binary don't", async () => {
  const { channel, peer } = compressed(KiB * KiB);
  await channel.send({ data: encode("x".repeat(100_000)), text: true });
  const [first, second] = await readExactly(peer, 2);
  const length = second! & 0x7f;
  assertEquals([first, second! & 0x80], [0xc1, 0x80]);
  assert(length < 126, "100,000 times the same is short");
  await readExactly(peer, 4 + length);

  await channel.send({ data: encode("short"), text: true });
  assertEquals(frames(await readExactly(peer, 2 + 4 + 5))[0]!.rsv, 0);
  await channel.send({ data: new Uint8Array(5000) });
  assertEquals((await readExactly(peer, 4 + 4 + 5000))[0], 0x82);
  peer.close();
  channel.close();
  await channel.closed.catch(() => {}); // The peer has closed.
});

Deno.test("compressed messages in fragments, with control frames between them", async () => {
  const { channel, peer } = compressed(KiB * KiB);
  const data = randomBytes(10_000);
  const packed = squeeze(data);
  await peer.write(frame(0x42, packed.slice(0, 3000)));
  await peer.write(bytes("89 00"));
  await peer.write(frame(0x00, packed.slice(3000, 3001)));
  await peer.write(frame(0x80, packed.slice(3001)));
  await peer.write(frame(0x82, "plain"));
  assertEquals((await soon(channel.receive(), "message"))!.data, data);
  assertEquals((await soon(channel.receive(), "message"))!.data, encode("plain"));
  peer.close();
  channel.close();
  await channel.closed.catch(() => {});
});

for (let window = 8; window <= 15; window++) {
  Deno.test(`what is compressed for a window of 2^${window} refers no further back`, () => {
    const deflate = new Deflate({ maxMessage: KiB * KiB, window });
    for (const distance of [200, 300, 600, 1100, 2200, 4400, 9000, 17_000, 32_000]) {
      const data = encode(randomBytes(distance / 2).toHex().repeat(3) + "x".repeat(600));
      const stream = concat([deflate.compress(data), bytes("00 00 ff ff")]);
      assert(stream.length < data.length, "it is compressed");
      // In pieces of 64 bytes zlib has nothing but its window to look back to.
      const options = { finishFlush: 2, windowBits: window, chunkSize: 64 };
      assertEquals(new Uint8Array(inflateRawSync(stream, options)), data);
    }
  });
}

Deno.test("a server that keeps its window is understood, message by message", async () => {
  const deflate = offerDeflate(KiB * KiB).settle(["permessage-deflate"]);
  const deflater = createDeflateRaw();
  let parts: Uint8Array[] = [];
  deflater.on("data", (part: Uint8Array) => parts.push(part.slice()));
  const words = randomBytes(4000).toHex();
  for (let i = 0; i < 40; i++) {
    const message = encode(words.slice(i * 100) + words);
    parts = [];
    deflater.write(message);
    await new Promise<void>((resolve) => deflater.flush(2, resolve));
    const packed = concat(parts).subarray(0, -4);
    if (i > 0) assert(packed.length < 1000, `${packed.length} bytes: it refers to those before`);
    assertEquals(deflate!.inflate(packed), message);
  }
  deflater.close();
});

Deno.test("a message as long as allowed is taken, though compressing has made it longer", async () => {
  const data = randomBytes(300_000);
  const packed = squeeze(data);
  assert(packed.length > data.length, `${packed.length} bytes: it doesn't compress`);
  const { channel, peer } = compressed(data.length);
  const inFragments = [
    frame(0x42, packed.slice(0, data.length)),
    frame(0x80, packed.slice(data.length)),
  ];
  for (const stream of [frame(0xc2, packed), concat(inFragments)]) {
    const writing = peer.write(stream);
    assertEquals((await soon(channel.receive(), "message"))!.data, data);
    await writing;
  }
  peer.close();
  channel.close();
  await channel.closed.catch(() => {}); // The peer has closed.
});

/** Messages of one deflate block of each type (RFC 1951 §3.2.3), flushed. */
const blocks: [kind: string, packed: Uint8Array][] = [
  ["fixed", squeeze(encode("Hello, hello, hello"))],
  ["dynamic", squeeze(encode(randomBytes(600).toHex()))],
  ["stored", squeeze(randomBytes(600))],
];

for (const [kind, packed] of blocks) {
  Deno.test(`a compressed message that is cut short is refused, at any byte: ${kind} block`, () => {
    const type = (packed[0]! >> 1) & 3;
    assertEquals(["stored", "fixed", "dynamic"][type], kind);
    const deflate = new Deflate({ maxMessage: 8 * KiB });
    const taken: number[] = [];
    for (let length = 1; length < packed.length; length++) {
      try {
        deflate.inflate(packed.subarray(0, length));
        taken.push(length);
      } catch (error) {
        assert(error instanceof Error);
      }
    }
    // What the receiver appends (RFC 7692 §7.2.2) looks like the rest of these two: of a stored
    // block's length, and of the empty block that a flush has begun.
    assertEquals(taken, kind === "stored" ? [1, packed.length - 5] : []);
  });
}

Deno.test("an empty compressed message is one byte, or none", () => {
  const deflate = new Deflate({ maxMessage: KiB });
  for (const packed of ["", "00"]) assertEquals(deflate.inflate(bytes(packed)).length, 0);
});

const BOMB = squeeze(new Uint8Array(64 * KiB * KiB));

const bad: [name: string, frames: Uint8Array[], code: number][] = [
  ["data that can't be inflated", [frame(0xc1, bytes("ff ff ff ff"))], 1007],
  ["data that is cut short", [frame(0xc1, squeeze(encode("Hello, hello")).slice(0, -3))], 1007],
  ["text that is no UTF-8 inside", [frame(0xc1, squeeze(bytes("c3 28")))], 1007],
  [
    "the compressed bit on a continuation",
    [frame(0x42, squeeze(bytes("00"))), frame(0xc0, "")],
    1002,
  ],
  ["the compressed bit on a ping", [frame(0xc9, "")], 1002],
  [
    "a byte more than allowed, which doesn't compress,",
    [frame(0xc2, squeeze(randomBytes(KiB * KiB + 1)))],
    1009,
  ],
  ["a header that announces 2 MiB", [bytes("c2 7f 0000000000200000")], 1009],
  ["a bomb of 64 MiB", [frame(0xc2, BOMB)], 1009],
  [
    "a bomb in fragments",
    [frame(0x42, BOMB.subarray(0, 100)), frame(0x80, BOMB.subarray(100))],
    1009,
  ],
];

for (const [name, stream, code] of bad) {
  Deno.test(`compression: ${name} closes with ${code}`, async () => {
    const { channel, peer } = compressed(KiB * KiB);
    const receiving = assertRejects(() => soon(channel.receive(), "violation"), ViolationError);
    for (const one of stream) await peer.write(one);
    assertEquals((await receiving).code, code);
    const close = frames(await readExactly(peer, 2 + 4 + 2))[0]!;
    assertEquals([close.opcode, (close.payload[0]! << 8) | close.payload[1]!], [8, code]);
    peer.close();
    channel.close();
    await channel.closed;
  });
}

Deno.test("a compressed message is inflated when it is received", async () => {
  const { channel, peer } = compressed(4 * KiB * KiB);
  const packed = frame(0xc2, squeeze(new Uint8Array(4 * KiB * KiB)));
  const count = Math.floor(64 * KiB / packed.length);
  await peer.write(concat(Array(count).fill(packed)));
  await peer.closeWrite();
  const before = Deno.memoryUsage().rss;
  assertEquals((await soon(channel.receive(), "message"))!.data.length, 4 * KiB * KiB);
  const grown = (Deno.memoryUsage().rss - before) / KiB / KiB;
  assert(grown < 4 * count / 2, `grew by ${grown.toFixed(1)} MiB for one of ${count} messages`);
  for (let i = 1; i < count; i++) {
    assertEquals((await soon(channel.receive(), "message"))!.data.length, 4 * KiB * KiB);
  }
  await assertRejects(() => channel.receive(), CloseError);
  peer.close();
  await channel.closed;
});
