/** `--send ''`: an empty message is a message, wherever there are messages. */
import { assertEquals } from "@std/assert";
import { Coax, run } from "./coax.ts";

const TEXTS = ["--send", "", "--send", "b", "--send", ""];

/** The sizes of the messages that a log with a hexdump has. */
const sizes = (stderr: string) =>
  [...stderr.matchAll(/received from \S+, (\d+) bytes?/g)].map(([, size]) => Number(size));

for (const at of ["ws://127.0.0.1:0", "wss://127.0.0.1:0", "udp://127.0.0.1:0"]) {
  for (const frame of ["line", "nul", "raw"]) {
    Deno.test(`a client's --send '' is an empty message, over ${at} with --frame ${frame}`, async () => {
      const secure = at.startsWith("wss:");
      const own = ["--idle-timeout", "9s", ...secure ? ["--self-signed"] : []];
      await using server = Coax.start(["server", at, "--recv-only", "-x", ...own]);
      const options = ["--send-only", "--frame", frame, ...secure ? ["--insecure"] : []];
      const args = ["client", await server.address(), ...TEXTS, ...options];
      const { status, stderr } = await run(args);
      assertEquals(status, 0, stderr);
      await server.logs(/(?:received from [^]*){3}/);
      assertEquals(sizes(server.stderr), [0, 1, 0]);
    });
  }
}

Deno.test("a server's --send '' is an empty message", async () => {
  await using server = Coax.start(["server", "ws://127.0.0.1:0", ...TEXTS]);
  const { status, out, stderr } = await run(["client", await server.address(), "-x"]);
  assertEquals([status, out, sizes(stderr)], [0, "\nb\n\n", [0, 1, 0]], stderr);
});
