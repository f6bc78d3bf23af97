/** Stdin, stdout and stderr that another program has made non-blocking: nothing is lost. */
import { assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { lacks } from "../support/parts.ts";
import { Coax, PIPE, quote, shellLine } from "./coax.ts";
import { listenHere, randomBytes, receiveText, send, sha256 } from "./peers.ts";

const python = { name: "python3", available: available("python3", ["--version"], /3\.\d/) };

/** Makes a descriptor non-blocking for all who have it open, and becomes the command. */
const NONBLOCKING = `
import fcntl, os, sys
number = int(sys.argv[1])
fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_NONBLOCK)
os.execvp(sys.argv[2], sys.argv[2:])
`;

function nonblocking(descriptor: number): string[] {
  return ["python3", "-c", NONBLOCKING, String(descriptor)];
}

testWith(python, "a stdin that is non-blocking is waited for", async () => {
  using peer = listenHere();
  const before = nonblocking(0);
  await using client = Coax.start(["client", peer.address], { stdin: PIPE, before });
  using conn = await peer.accept();
  await client.write("one ");
  assertEquals(await receiveText(conn, 4), "one ");
  await client.write("two");
  await client.end();
  assertEquals(await receiveText(conn), "two");
  await conn.closeWrite();
  const exit = await client.exit();
  assertEquals([exit.status, exit.stderr], [0, ""]);
});

testWith(
  python,
  "a stdout that is non-blocking gets every byte, however slow its reader is",
  async () => {
    using peer = listenHere();
    const bytes = randomBytes(3_000_000);
    const client = [...nonblocking(1).map(quote), shellLine(["client", peer.address])].join(" ");
    const reading = output(`{ ${client}; echo $? >&2; } | { sleep 1; cat; }`);
    using conn = await peer.accept();
    await send(conn, bytes);
    await conn.closeWrite();
    const { stdout, stderr } = await reading;
    assertEquals(new TextDecoder().decode(stderr), "0\n");
    assertEquals(await sha256(stdout), await sha256(bytes));
  },
);

testWith(python, "a version waits for a full pipe that is non-blocking", async () => {
  const filling = `
import fcntl, os, sys
fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_NONBLOCK)
try:
  while True: os.write(1, b"." * 4096)
except BlockingIOError: pass
os.execvp(sys.argv[1], sys.argv[1:])
`;
  const full = ["python3", "-c", filling].map(quote).join(" ");
  const { stdout, stderr } = await output(
    `{ ${full} ${shellLine(["--version"])}; echo $? >&2; } | { sleep 1; cat; }`,
  );
  assertEquals(new TextDecoder().decode(stderr), "0\n");
  assertMatch(new TextDecoder().decode(stdout), /^\.+coax \d+\.\d+\.\d+\n$/);
});

testWith(
  python,
  "a stderr that is non-blocking gets every line, however slow its reader is",
  async () => {
    using peer = listenHere();
    const words = shellLine(["client", "-x", "--recv-only", peer.address]);
    const client = [...nonblocking(2).map(quote), words].join(" ");
    const reading = output(`${client} 2>&1 >/dev/null | { sleep 1; tr -cd x | wc -c; }`);
    using conn = await peer.accept();
    await send(conn, "x".repeat(160_000));
    await conn.closeWrite();
    assertEquals(Number(new TextDecoder().decode((await reading).stdout)), 160_000);
  },
);

Deno.test({
  name: "a stdout that was opened for reading is said to be, and nothing is lost silently",
  ignore: lacks("socket calls by libc"),
  async fn() {
    using peer = listenHere();
    const client = shellLine(["client", "-q", peer.address]);
    const reading = output(`${client} 1</dev/null; echo $?`);
    using conn = await peer.accept();
    await send(conn, "lost");
    await conn.closeWrite();
    const { stdout, stderr } = await reading;
    assertEquals(new TextDecoder().decode(stdout), "10\n");
    const line = "coax: write stdout: it is open for reading only\n";
    assertEquals(new TextDecoder().decode(stderr), line);
  },
});

async function output(line: string): Promise<Deno.CommandOutput> {
  return await new Deno.Command("sh", { args: ["-c", line], stdin: "null" }).output();
}
