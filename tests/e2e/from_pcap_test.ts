/** `replay --from-pcap`: a capture is played as a recording is. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
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

Deno.test("what is no capture is status 10, in one line", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/f`;
  await Deno.writeTextFile(file, '{"t":0}\n');
  const { status, stderr } = await run(["replay", file, "--from-pcap", "--draw"]);
  assertEquals(status, 10);
  assertStringIncludes(stderr, `coax: read ${file}: expected a capture, pcap or pcapng`);
});
