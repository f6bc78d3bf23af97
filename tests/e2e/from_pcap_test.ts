/** `replay --from-pcap`: a capture is played as a recording is. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ACK, RST } from "../../src/record/packet.ts";
import { textsOf } from "../ladder/xml.ts";
import { B, captureOf, conversation, FOUR, NONE, packet } from "../support/captures.ts";
import { Coax, run, temporary } from "./coax.ts";
import { listenHere, receiveText, send } from "./peers.ts";

Deno.test("a capture of a recording is played, checked and drawn as the recording", async () => {
  await using folder = await temporary();
  const [recording, capture] = [`${folder.path}/talk.jsonl`, `${folder.path}/talk.pcap`];
  {
    await using echo = Coax.start(["echo", "127.0.0.1:0"]);
    const address = await echo.address();
    await run(["client", address, "--record", recording], { stdin: "hello\n" });
    assertEquals((await run(["replay", recording, "--pcap", capture])).status, 0);
    const good = await run(["replay", capture, "--from-pcap", address, "--check"]);
    assertEquals(good.status, 0, good.stderr);
    assertMatch(good.stderr, /replayed connection 1: sent 6, received 6 bytes/);
    const { out } = await run(["replay", capture, "--from-pcap", "--draw"]);
    assertMatch(out, /"hello\\n" .* 6 B ─▶/);
    assertEquals(out.includes("(coax)"), false);
  }
  using other = listenHere();
  const checking = run(["replay", capture, "--from-pcap", other.address, "--check"]);
  using conn = await other.accept();
  assertEquals(await receiveText(conn), "hello\n");
  await send(conn, "hullo\n");
  conn.close();
  assertEquals((await checking).status, 9);
});

Deno.test("a capture without --from-pcap is status 10, and says what takes it", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/f`;
  for (const start of ["a1b2c3d4", "4d3cb2a1", "0a0d0d0a"]) {
    await Deno.writeFile(file, Uint8Array.fromHex(start.padEnd(48, "0")));
    const { status, stderr } = await run(["replay", file, "--draw"]);
    assertEquals(stderr, `coax: read ${file}: it is a capture, which --from-pcap takes\n`);
    assertEquals(status, 10);
  }
});

Deno.test("what is no capture is status 10, in one line", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/f`;
  await Deno.writeTextFile(file, '{"t":0}\n');
  const { status, stderr } = await run(["replay", file, "--from-pcap", "--draw"]);
  assertEquals(status, 10);
  assertStringIncludes(stderr, `coax: read ${file}: expected a capture, pcap or pcapng`);
});

const WHOLE = conversation(FOUR, false);
const REFUSAL = packet(B, RST | ACK, 0, NONE, 1001);

/** Captures, and the rows of their drawings in English and in Chinese. */
const ATTEMPTS: Record<string, { packets: Uint8Array[]; en: string[]; zh: string[] }> = {
  "no answer": {
    packets: [WHOLE[0]!, WHOLE[0]!],
    en: ["connect (SYN): no answer", "connect (SYN): no answer"],
    zh: ["连接 (SYN)：没有回应", "连接 (SYN)：没有回应"],
  },
  "a refusal": {
    packets: [WHOLE[0]!, REFUSAL],
    en: ["connect (SYN)", "refused (RST)"],
    zh: ["连接 (SYN)", "拒绝 (RST)"],
  },
  "no end": {
    packets: WHOLE.slice(0, 4),
    en: [
      "connect (SYN)",
      "accept (SYN, ACK)",
      '"hello"',
      "the recording ends here, the connection doesn't",
    ],
    zh: ["连接 (SYN)", "接受 (SYN, ACK)", '"hello"', "录制到此为止，连接还开着"],
  },
  "no beginning": {
    packets: conversation(FOUR).slice(3, 4),
    en: [
      "the connection was there before the capture",
      '"hello"',
      "the recording ends here, the connection doesn't",
    ],
    zh: ["抓包开始之前，连接已经建立", '"hello"', "录制到此为止，连接还开着"],
  },
};

for (const [name, { packets, en, zh }] of Object.entries(ATTEMPTS)) {
  Deno.test(`a capture with ${name} is drawn as what it shows, in every form and language`, async () => {
    await using folder = await temporary();
    const file = `${folder.path}/c.pcap`;
    await Deno.writeFile(file, captureOf(packets));
    for (const [lang, rows] of [["en", en], ["zh", zh]] as const) {
      const words = ["replay", file, "--from-pcap", "--lang", lang];
      const { out } = await run([...words, "--draw"]);
      const drawn = out.split("\n").slice(5).map((line) =>
        line.replace(/^ *[\d.]+ m?s/, "").replace(/ \d+ B /, "")
          .replace(/[│╎├┤┄─╌▶◀✕●]+/g, " ").trim()
      ).filter((text) => text !== "" && !/(later|之后)$/.test(text));
      assertEquals(drawn, rows);
      const picture = textsOf((await run([...words, "--svg"])).out).map(({ text }) => text);
      const explained = (await run([...words, "--draw", "--explain"])).out;
      for (const row of rows) {
        assert(picture.some((text) => text.includes(row)), `${row} in ${picture}`);
        assertStringIncludes(explained, row);
      }
      for (const text of [...picture, explained]) assert(!text.includes("(FIN)"), text);
    }
  });
}

Deno.test("attempts that were never answered are no connections to play", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/c.pcap`;
  await Deno.writeFile(file, captureOf(ATTEMPTS["a refusal"]!.packets));
  const { status, stderr } = await run(["replay", file, "--from-pcap", "1"]);
  assertEquals([status, stderr], [10, `coax: read ${file}: no connection was recorded\n`]);
});

Deno.test("a client's FIN is played though bytes before it aren't in the capture", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/c.pcap`;
  await Deno.writeFile(file, captureOf(conversation(FOUR).toSpliced(5, 1)));
  using target = listenHere();
  const playing = run(["replay", file, "--from-pcap", target.address, "--speed", "max"]);
  using conn = await target.accept();
  assertEquals(await receiveText(conn, 5), "hello");
  await send(conn, "HELLOBYE");
  assertEquals(await receiveText(conn), "", "its FIN");
  conn.close();
  const { status, stderr } = await playing;
  assertEquals(status, 0, stderr);
  assertStringIncludes(stderr, "3 bytes of 192.0.2.1:5000 aren't in the capture\n");
});
