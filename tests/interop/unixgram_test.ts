/** socat and logger as peers of coax's Unix sockets for datagrams. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "../e2e/coax.ts";
import { available, testWith } from "./peer_program.ts";

const socat = { name: "socat", available: available("socat", ["-V"], /socat version/) };
const logger = { name: "logger", available: available("logger", ["--version"], /util-linux/) };

testWith(logger, "coax relay takes what logger sends to a socket like /dev/log", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/log`;
  await using server = Coax.start(["server", "udp://0"], { stdin: PIPE });
  await using relay = Coax.start(["relay", `unixgram:${path}`, await server.address()]);
  await relay.address();
  for (const text of ["first line", "second line"]) {
    await using sender = Coax.spawn(["logger", "-u", path, "-t", "coax", text]);
    assertEquals((await sender.exit()).status, 0);
  }
  await server.prints(/coax: first line[^]*coax: second line/);
});

testWith(logger, "what can't be answered is said, and the next datagram is taken", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/log`;
  await using echo = Coax.start(["echo", `unixgram:${path}`]);
  await echo.address();
  await using sender = Coax.spawn(["logger", "-u", path, "one"]);
  await sender.exit();
  const [line] = await echo.logs(/send to .*\n/);
  assertMatch(line, /#unnamed: a message for a peer that has no path of its own: dropped\n/);
  const { status, out } = await run(["client", `unixgram:${path}`], { stdin: "hello\n" });
  assertEquals([status, out], [0, "hello\n"]);
});

testWith(socat, "socat as a client of coax server, with a path of its own", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/s`;
  await using server = Coax.start(["server", `unixgram:${path}`], { stdin: PIPE });
  await server.address();
  const words = ["socat", "-", `UNIX-SENDTO:${path},bind=${temp.path}/c`];
  await using client = Coax.spawn(words, { stdin: PIPE });
  await client.write("question\n");
  await server.prints(/^question\n$/);
  await server.write("answer\n");
  await client.prints(/^answer\n$/);
});

testWith(socat, "socat as a server of coax client", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/s`;
  await using server = Coax.spawn(["socat", `UNIX-RECVFROM:${path},fork`, "EXEC:cat"]);
  const args = ["client", "--retry", "forever", "--retry-delay", "20ms", `unixgram:${path}`];
  await using client = Coax.start(args, { stdin: "hello\n" });
  const { status, out, stderr } = await client.exit();
  assertEquals([status, out], [0, "hello\n"], stderr);
  assertEquals(server.running, true);
});
