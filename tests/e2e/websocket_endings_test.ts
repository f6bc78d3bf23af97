/** How a relay between WebSockets, or from one to a stream, ends where a fault delays it. */
import { assertEquals } from "@std/assert";
import { Coax, type Exit, run } from "./coax.ts";

const DELAYS = [
  ["--delay", "200ms"],
  ["--toxic", "latency:latency=200,stream=downstream"],
  ["--toxic", "latency:latency=200,stream=upstream"],
  ["--toxic", "slow_close:delay=200"],
  ["--toxic", "slow_close:delay=200,stream=upstream"],
  ["--toxic", "slow_open:delay=200"],
];

/** The lines of a relay that isn't as it should be, and its status. */
const failures = ({ status, stderr }: Exit) => [status, stderr.match(/^coax: \[?\d?.*: .*$/gm)];

for (const [from, to] of [["ws", "ws"], ["ws", "tcp"], ["tcp", "ws"]] as const) {
  for (const delay of DELAYS) {
    const name = `${from} to ${to}, ${delay.join(" ")}`;
    Deno.test(`a conversation that the client ends is clean: ${name}`, async () => {
      await using echo = Coax.start(["echo", `${to}://127.0.0.1:0`]);
      const args = [`${from}://127.0.0.1:0`, await echo.address(), "--once", ...delay];
      await using relay = Coax.start(["relay", ...args]);
      const exit = await run(["client", await relay.address()], { stdin: "m\n" });
      assertEquals([exit.status, exit.out.trim(), exit.stderr], [0, "m", ""]);
      assertEquals(failures(await relay.exit()), [0, null]);
    });

    Deno.test(`a conversation that the target ends is clean: ${name}`, async () => {
      const own = ["--send", "m", "--send-only", "--linger", "50ms"];
      await using server = Coax.start(["server", `${to}://127.0.0.1:0`, ...own]);
      const args = [`${from}://127.0.0.1:0`, await server.address(), "--once", ...delay];
      await using relay = Coax.start(["relay", ...args]);
      const exit = await run(["client", await relay.address(), "--recv-only"]);
      assertEquals([exit.status, exit.out.trim(), exit.stderr], [0, "m", ""]);
      assertEquals(failures(await relay.exit()), [0, null]);
      assertEquals((await server.exit()).status, 0);
    });
  }
}

Deno.test("an echo with toxics on what it sends ends in order with its WebSocket client", async () => {
  const toxics = [
    "--toxic",
    "slow_close:delay=200",
    "--toxic",
    "slow_close:delay=50,stream=upstream",
  ];
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0", ...toxics]);
  const exit = await run(["client", await echo.address()], { stdin: "m\n" });
  assertEquals([exit.status, exit.out, exit.stderr], [0, "m\n", ""]);
  echo.signal("SIGTERM");
  assertEquals(failures(await echo.exit()), [0, null]);
});
