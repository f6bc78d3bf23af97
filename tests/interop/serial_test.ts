/** A serial line as `file:PATH`: two pseudoterminals that socat joins. */
import { assertEquals } from "@std/assert";
import { Coax, PIPE, temporary } from "../e2e/coax.ts";
import { until } from "../support/wait.ts";
import { available, testWith } from "./peer_program.ts";

const socat = { name: "socat", available: available("socat", ["-V"], /socat version/) };

testWith(socat, "a serial line carries both ways, for a client and for relays", async () => {
  await using temp = await temporary();
  const [near, far] = [`${temp.path}/near`, `${temp.path}/far`];
  const line = (link: string) => `pty,raw,echo=0,link=${link}`;
  await using wires = Coax.spawn(["socat", line(near), line(far)]);
  const there = (path: string) => Deno.stat(path).then(() => true, () => false);
  await until(async () => await there(near) && await there(far), "socat has made both ends");
  await using device = Coax.start(["relay", `file:${far}`, "exec:sed -u s/^/answer\\ to\\ /"]);
  await using relay = Coax.start(["relay", "127.0.0.1:0", `file:${near}`]);
  for (const address of [`file:${near}`, await relay.address()]) {
    await using client = Coax.start(["client", address], { stdin: PIPE });
    await client.write("one\n");
    await client.prints(/^answer to one\n$/);
    await client.end(); // A line has no EOF: a second of silence ends the conversation.
    const { status, out, stderr } = await client.exit();
    assertEquals([status, out], [0, "answer to one\n"], stderr);
  }
  assertEquals(device.running, true);
  wires.signal("SIGTERM"); // Hangs the line up, which is its EOF.
  const { status, stderr } = await device.exit();
  assertEquals(status, 0, stderr);
});
