/** Stdin that keeps messages apart, or isn't open for reading: nothing is lost silently. */
import { assertEquals } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { lacks } from "../support/parts.ts";
import { concat } from "../../src/core/bytes.ts";
import { Coax, PIPE, quote, shellLine, temporary } from "./coax.ts";
import { connectTo, listenHere, receive, receiveText } from "./peers.ts";

const python = { name: "python3", available: available("python3", ["--version"], /3\.\d/) };

/**
 * Becomes the command, whose stdin gets a message of so many bytes for each number in a line of
 * ours. At our end it is closed; an empty datagram shows it where nothing else does.
 */
const MESSAGES = `
import os, socket, sys
kind = sys.argv[1]
if kind == "packets":
  reader, writer = os.pipe2(os.O_DIRECT)
else:
  reader, writer = (end.detach() for end in socket.socketpair(type=getattr(socket, kind)))
if os.fork() == 0:
  os.close(reader)
  for line in sys.stdin: os.write(writer, bytes((i + int(line)) % 251 for i in range(int(line))))
  if kind == "SOCK_DGRAM": socket.socket(fileno=writer).send(b"")
  os._exit(0)
os.close(writer)
os.dup2(reader, 0)
os.close(reader)
os.execvp(sys.argv[2], sys.argv[2:])
`;

/** The message of `size` bytes. */
function messageOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i + size) % 251);
}

/** Longer than a first read; the largest is a message that no usual buffer takes. */
const KINDS: readonly [kind: string, sizes: readonly number[]][] = [
  ["SOCK_SEQPACKET", [1025, 2, 1025, 150_000, 70_000]],
  ["SOCK_DGRAM", [2000, 2, 2000, 150_000, 70_000]],
  ["packets", [1025, 2, 4096, 3000]],
];

const COMMANDS = [["client"], ["client", "--send-only"], ["relay", "--once", "-"]];
const REFUSED = "read stdin: it is open for writing only";

for (const [kind, sizes] of KINDS) {
  testWith(python, `a stdin that keeps messages apart is read whole: ${kind}`, async (t) => {
    const before = ["python3", "-c", MESSAGES, kind];
    for (const words of COMMANDS) {
      await t.step(words.join(" "), async () => {
        using peer = listenHere();
        await using sender = Coax.start([...words, peer.address], { stdin: PIPE, before });
        using conn = await peer.accept();
        for (const size of sizes) {
          await sender.write(`${size}\n`);
          assertEquals(await receive(conn, size), messageOf(size));
        }
        await sender.end();
        assertEquals(await receiveText(conn), "");
        await conn.closeWrite();
        const exit = await sender.exit();
        assertEquals([exit.status, exit.stderr], [0, ""]);
      });
    }
  });
}

testWith(python, "messages of a server's stdin that came together are read whole", async () => {
  const before = ["python3", "-c", MESSAGES, "SOCK_SEQPACKET"];
  await using server = Coax.start(["server", "0"], { stdin: PIPE, before });
  await server.write("1025\n2\n1025\n");
  await server.end();
  using conn = await connectTo(await server.address());
  assertEquals(await receive(conn), concat([1025, 2, 1025].map(messageOf)));
});

Deno.test({
  name: "a stdin that was opened for writing is said to be, and is no empty input",
  ignore: lacks("socket calls by libc"),
  async fn(t) {
    await using temp = await temporary();
    const inputs = { "a file": `0>${quote(`${temp.path}/file`)}`, "a pipe": "0>&1" };
    for (const words of COMMANDS) {
      for (const [kind, input] of Object.entries(inputs)) {
        await t.step(`${words.join(" ")}, ${kind}`, async () => {
          using peer = listenHere();
          const line = `exec ${shellLine([...words, peer.address])} ${input}`;
          await using client = Coax.spawn(["sh", "-c", line]);
          using _conn = await peer.accept();
          const { status, stderr } = await client.exit();
          assertEquals([status, stderr], [10, `coax: ${REFUSED}\n`]);
        });
      }
    }
    await t.step("server", async () => {
      await using server = Coax.spawn(["sh", "-c", `exec ${shellLine(["server", "0"])} 0>&1`]);
      using _conn = await connectTo(await server.address());
      const { status, stderr } = await server.exit();
      assertEquals([status, stderr.split("\n").at(-2)], [10, `coax: ${REFUSED}`]);
    });
  },
});
