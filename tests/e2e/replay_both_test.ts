/** A recorded UDP ASSOCIATE: one connection with bytes of TCP, and datagrams beside them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { recordingOf } from "../../src/record/from_pcap.ts";
import { Coax, run, temporary } from "./coax.ts";
import { SocksClient } from "./socks5_client.ts";

/** Records an association in which a datagram is echoed, as the file `path`. */
async function recordAssociation(path: string): Promise<void> {
  await using echo = Coax.start(["echo", "udp://127.0.0.1:0"]);
  const port = Number(/\d+$/.exec(await echo.address())![0]);
  const allowed = ["--allow-target", "127.0.0.0/8"];
  const words = ["relay", "127.0.0.1:0", "socks5:", ...allowed, "--record", path, "--access-log"];
  await using relay = Coax.start(words);
  using client = await SocksClient.ask(await relay.address());
  await client.send("127.0.0.1", port, "datagram");
  assertEquals((await client.receive()).text, "datagram");
  await client.tcp.closeWrite();
  await relay.logs(/→ socks5:/);
  relay.signal("SIGTERM"); // The recording is whole once the relay has ended in order.
  await relay.exit();
}

Deno.test("a recorded UDP ASSOCIATE is exported and drawn with its bytes and its datagrams", async () => {
  await using folder = await temporary();
  const [file, capture] = [`${folder.path}/a.jsonl`, `${folder.path}/a.pcap`];
  await recordAssociation(file);
  const { status, out, stderr } = await run(["replay", file, "--pcap", capture, "--draw"]);
  assertEquals([status, stderr], [0, ""]);
  const { events } = recordingOf(await Deno.readFile(capture));
  const sums = { data: 0, message: 0 };
  for (const event of events) {
    if (event.event !== "data" && event.event !== "message") continue;
    sums[event.event] += event.payload.data.length;
  }
  // 3 + 10 bytes of the handshake and 2 + 10 of its answers; 10 + 8 of the datagram, twice.
  assertEquals(sums, { data: 25, message: 36 });
  const rows = ["connect", "05 01 00", "UDP: no handshake", "64 61 74 61", "end of stream"];
  const places = rows.map((row) => out.indexOf(row));
  assert(places.every((place) => place >= 0), out);
  assertEquals(places, places.toSorted((a, b) => a - b), out);
});

Deno.test("a recorded UDP ASSOCIATE is refused by a replay, before it connects or listens", async () => {
  await using folder = await temporary();
  const [file, capture] = [`${folder.path}/a.jsonl`, `${folder.path}/a.pcap`];
  await recordAssociation(file);
  for (const words of [["127.0.0.1:1"], ["udp://127.0.0.1:1"], ["127.0.0.1:0", "--serve"]]) {
    const { status, stderr } = await run(["replay", file, ...words, "--check", "--pcap", capture]);
    assertEquals(status, 10, stderr);
    assertMatch(stderr, /^coax: play \S+: connection 1 has both bytes and datagrams.*\n$/);
  }
});
