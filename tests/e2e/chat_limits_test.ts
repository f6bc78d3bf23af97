/** Members who send what is cheap to send and expensive to process, and rooms with much history. */
import { lacks } from "../support/parts.ts";
import { assert, assertEquals } from "@std/assert";
import { deflateRawSync } from "node:zlib";
import { encode, readAll, readExactly } from "../support/connections.ts";
import { rss } from "../support/process.ts";
import { connect } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";
import { connectWs, streamOf, UPGRADE } from "../support/websocket.ts";
import { frame, masked } from "../ws/wire.ts";
import { Coax, NULL } from "./coax.ts";
import { Guest } from "./guests.ts";

const MiB = 1024 * 1024;

const DEFLATE = UPGRADE.replace(
  "\r\n\r\n",
  "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
);

/** A text message as a client sends it compressed. */
function compressed(text: string): Uint8Array {
  const stream = deflateRawSync(encode(text), { finishFlush: 2 }); // Z_SYNC_FLUSH
  return masked(frame(0xc1, new Uint8Array(stream.subarray(0, -4))));
}

const bombs: [name: string, text: string, close: string | undefined][] = [
  ["16 MiB of short lines", "a\n".repeat(8 * MiB), "880203f1"],
  ["16 MiB of empty lines", "\n".repeat(16 * MiB), "880203f1"],
  ["16 MiB of one line", "a".repeat(16 * MiB), "880203f1"],
  ["a byte over 64 KiB", "a".repeat(64 * 1024 + 1), "880203f1"],
  ["64 KiB of empty lines", "\n".repeat(64 * 1024), undefined],
  ["64 KiB of one line", "a".repeat(64 * 1024), undefined],
];

for (const [name, text, close] of bombs) {
  const does = close ? "refuses" : "takes";
  Deno.test({
    name: `a chat ${does} ${name}, compressed, ten times, and nobody waits`,
    ignore: lacks("/proc"),
    async fn() {
      await using room = Coax.start(["chat", "ws://127.0.0.1:0", "127.0.0.1:0"], { stdin: NULL });
      const [ws, tcp] = await room.listening(2);
      using alice = await Guest.join(tcp!);
      const packed = compressed(text);
      const connections = await Promise.all(Array.from({ length: 10 }, async () => {
        const connection = await connect(streamOf(ws!));
        await connection.write(encode(DEFLATE));
        let head = "";
        while (!head.endsWith("\r\n\r\n")) {
          head += String.fromCharCode((await readExactly(connection, 1))[0]!);
        }
        return connection;
      }));
      await alice.type("/who");
      await alice.sees(/-- here: .*guest-11/);
      const base = rss(room.pid);
      let most = base;
      const watch = setInterval(() => most = Math.max(most, rss(room.pid)), 5);
      await Promise.all(connections.map((connection) => connection.write(packed)));
      if (close) {
        const answers = await soon(
          Promise.all(connections.map((connection) => readAll(connection))),
          "Closes",
        );
        assertEquals(answers.map((all) => all.slice(-4).toHex()), Array(10).fill(close));
      }
      await alice.type("/me is still here\n/who");
      await until(
        () => alice.lines.filter((line) => line.startsWith("-- here")).length === 2,
        "who",
      );
      clearInterval(watch);
      for (const connection of connections) connection.close();
      assert(most - base < 64 * MiB, `grown by ${((most - base) / MiB).toFixed(1)} MiB`);
    },
  });
}

Deno.test("a flood of short lines in one read is split as the lines are handled", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0"], { stdin: NULL });
  const address = await room.address();
  using alice = await Guest.join(address);
  const base = rss(room.pid);
  let most = base;
  const watch = setInterval(() => most = Math.max(most, rss(room.pid)), 5);
  const flooders = await Promise.all(range(20).map(() => connect(address)));
  const flood = encode("\n".repeat(4 * MiB));
  await Promise.all(flooders.map((connection) => connection.write(flood)));
  await alice.type("/who");
  await alice.sees(/-- here: /);
  clearInterval(watch);
  const grown = (most - base) / MiB;
  assert(grown < 100, `grown by ${grown.toFixed(1)} MiB`);
  for (const connection of flooders) connection.close();
});

const histories: [name: string, args: string[], lines: string[], crowd: number][] = [
  [
    "--history 500 and lines of 4 KiB",
    ["--history", "500"],
    range(500).map((i) => padded(i, "x")),
    1,
  ],
  [
    "lines that get long when escaped and 80 of the longest names",
    ["--room", "\u{1f600}".repeat(32)],
    range(60).map((i) => padded(i, "\x01")),
    80,
  ],
];

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** A line of 4 KiB. */
function padded(number: number, char: string): string {
  return `line ${number} `.padEnd(4096, char);
}

for (const [name, args, lines, crowd] of histories) {
  Deno.test(`with ${name}, everyone can still join, over TCP and WebSocket, by lines and JSON`, async () => {
    await using room = Coax.start(["chat", "ws://127.0.0.1:0", "127.0.0.1:0", ...args], {
      stdin: NULL,
    });
    const [ws, tcp] = await room.listening(2);
    const members = await Promise.all(range(crowd).map(() => Guest.join(tcp!)));
    for (const [i, member] of members.entries()) {
      await member.type(`/nick ${`${i}-`.padEnd(4, "-")}${"\u{1f600}".repeat(28)}`);
    }
    const alice = members[0]!;
    await alice.sees(new RegExp(`is now ${crowd - 1}-`));
    await alice.type(lines.join("\n"));
    await alice.type("/who");
    await alice.sees(/-- here: /);
    const numbers = (texts: readonly string[]) => texts.map((text) => /line \d+/.exec(text)![0]);
    const expected = numbers(lines.slice(crowd > 1 ? -50 : -500));

    using bob = await Guest.join(tcp!);
    await until(() => bob.memberLines.length === expected.length, "the history, over TCP");
    assertEquals(numbers(bob.memberLines), expected);
    for (const protocols of [[], ["coax.chat.v1"]]) {
      const member = await connectWs(ws!, { ws: { protocols } });
      const texts: string[] = [];
      while (texts.length < expected.length) {
        const { data } = (await soon(member.receive(), "a line"))!;
        const text = new TextDecoder().decode(data);
        if (text.includes("line ")) texts.push(text);
      }
      assertEquals(numbers(texts), expected);
      member.close();
      await member.closed;
    }
    assert(!room.stderr.includes("let go"), room.stderr);
    for (const member of members) member[Symbol.dispose]();
  });
}
