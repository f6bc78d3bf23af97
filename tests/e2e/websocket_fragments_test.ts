/** Messages in very many, or very large, fragments: their cost, and their limits. */
import { lacks } from "../support/parts.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { encode, readAll, readExactly } from "../support/connections.ts";
import { rss } from "../support/process.ts";
import { randomBytes } from "../support/random.ts";
import { connect } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";
import { bareWs, connectWs, streamOf, UPGRADE } from "../support/websocket.ts";
import { bytes, frame, masked } from "../ws/wire.ts";
import { Coax, run } from "./coax.ts";

const MiB = 1024 * 1024;

/** A message of 4 MiB in frames of `size` bytes, as a server sends it. */
function fragmented(first: number, payload: Uint8Array, size: number): Uint8Array<ArrayBuffer>[] {
  const count = payload.length / size;
  return Array.from({ length: count }, (_, i) => {
    const fin = i === count - 1 ? 0x80 : 0;
    return frame(fin | (i === 0 ? first : 0), payload.subarray(i * size, (i + 1) * size));
  });
}

const autobahn: [number: string, kind: "text" | "binary", size: number][] = [
  ["9.3.1", "text", 64],
  ["9.3.2", "text", 256],
  ["9.4.1", "binary", 64],
  ["9.4.2", "binary", 256],
];

for (const [number, kind, size] of autobahn) {
  const opcode = kind === "text" ? 1 : 2;
  const payload = kind === "text" ? new Uint8Array(4 * MiB).fill(0x2a) : randomBytes(4 * MiB);
  const digest = async (data: Uint8Array) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", data.slice())).toHex();

  Deno.test(`Autobahn ${number}: 4 MiB of ${kind} in frames of ${size} bytes are echoed`, async () => {
    await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
    const connection = await connect(streamOf(await echo.address()));
    await connection.write(encode(UPGRADE));
    const sending = connection.write(
      concat(fragmented(opcode, payload, size).map((one) => masked(one))),
    );
    let head = "";
    while (!head.endsWith("\r\n\r\n")) {
      head += String.fromCharCode((await readExactly(connection, 1))[0]!);
    }
    const header = await readExactly(connection, 10);
    assertEquals(header, Uint8Array.of(0x80 | opcode, 127, 0, 0, 0, 0, 0, 0x40, 0, 0));
    assertEquals(
      await digest(await readExactly(connection, payload.length)),
      await digest(payload),
    );
    await sending;
    await connection.write(masked(bytes("88 02 03e8")));
    assertEquals((await readAll(connection)).toHex(), "880203e8");
    connection.close();
  });

  Deno.test(`Autobahn ${number}, as a client: 4 MiB of ${kind} in frames of ${size} bytes arrive`, async () => {
    const frames = concat([...fragmented(opcode, payload, size), bytes("88 02 03e8")]);
    await using server = await bareWs(frames as Uint8Array<ArrayBuffer>);
    const args = ["client", server.addresses[0]!.replace("tcp:", "ws:"), "--binary"];
    const { status, stdout } = await run(args, { stdin: { kind: "null" } });
    assertEquals([status, stdout.length], [0, payload.length]);
    assertEquals(await digest(stdout), await digest(payload));
  });
}

const HELD = 24;

Deno.test({
  name: "24 messages of 16 MiB that lack a byte don't take 24 × 16 MiB: the largest are refused",
  ignore: lacks("/proc"),
  async fn() {
    await using echo = Coax.start(["echo", "ws://127.0.0.1:0"]);
    const address = await echo.address();
    const base = rss(echo.pid);
    const chunk = new Uint8Array(MiB);
    const closes: string[] = [];
    const ends = await Promise.all(Array.from({ length: HELD }, async () => {
      const connection = await connect(streamOf(address));
      await connection.write(encode(UPGRADE));
      await connection.write(bytes(`82 ff ${(16 * MiB).toString(16).padStart(16, "0")} 00000000`));
      const hearing = readAll(connection).then(
        (all) => closes.push(all.slice(-4).toHex()),
        () => {},
      );
      const sending = (async () => {
        for (let i = 0; i < 15; i++) await connection.write(chunk);
        await connection.write(chunk.subarray(1));
      })().catch(() => {}); // Those whose message is refused.
      return { end: connection, hearing, sending };
    }));
    await until(() => closes.length >= HELD - 16, "the largest to be refused");
    await Promise.all(ends.map(({ sending }) => sending));
    assertEquals(closes, Array(HELD - 16).fill("880203f1"));
    const grown = rss(echo.pid) - base;
    assert(grown < 340 * MiB, `grown by ${(grown / MiB).toFixed(1)} MiB`);
    assertMatch(echo.stderr, /take over 256 MiB, and this one the most \(closed with 1009\)/);

    const good = await connectWs(address);
    await good.send({ data: encode("still there"), text: true });
    assertEquals((await soon(good.receive(), "the echo"))!.data, encode("still there"));
    good.close();
    await soon(good.closed, "closed");
    for (const { end: connection, hearing } of ends) {
      connection.close();
      await hearing;
    }
  },
});
