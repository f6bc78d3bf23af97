/** `--reuse-port`: several processes listen on one port, and the kernel shares connections out. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { Coax, run } from "./coax.ts";

interface Kind {
  readonly name: string;
  /** An address with this port. */
  at(port: number): string;
  readonly listening?: readonly string[];
  readonly connecting?: readonly string[];
}

const kinds: Kind[] = [
  { name: "tcp://", at: (port) => `tcp://127.0.0.1:${port}` },
  { name: "a port alone", at: (port) => `${port}` },
  { name: "every interface", at: (port) => `:${port}` },
  { name: "udp://", at: (port) => `udp://127.0.0.1:${port}` },
  { name: "udp:// in both families", at: (port) => `udp://${port}` },
  { name: "udp:// on every interface", at: (port) => `udp://:${port}` },
  { name: "ws://", at: (port) => `ws://127.0.0.1:${port}` },
  {
    name: "tls://",
    at: (port) => `tls://127.0.0.1:${port}`,
    listening: ["--self-signed"],
    connecting: ["--insecure"],
  },
  {
    name: "wss://",
    at: (port) => `wss://127.0.0.1:${port}`,
    listening: ["--self-signed"],
    connecting: ["--insecure"],
  },
];

const options = { ignore: lacks("/proc") };

function listen(address: string, { listening = [] }: Kind): Coax {
  return Coax.start(["echo", address, "--reuse-port", "-v", ...listening]);
}

function portOf(address: string): number {
  return Number(/:(\d+)/.exec(address)![1]);
}

const accepted = ({ stderr }: Coax) => stderr.match(/^\[\d+\] accept /gm)?.length ?? 0;

/** Connects again and again for a moment; every connection gets its bytes back. */
async function connectOften(address: string, { connecting = [] }: Kind): Promise<void> {
  const often = ["--mode", "connect", "--duration", "300ms", "--connections", "8"];
  const { status, stderr } = await run(["bench", address, ...often, ...connecting]);
  assertEquals(status, 0, stderr);
}

for (const kind of kinds) {
  Deno.test({
    ...options,
    name: `two processes share a port's connections, and one takes all when alone: ${kind.name}`,
    async fn() {
      await using first = listen(kind.at(0), kind);
      const port = portOf(await first.address());
      const address = kind.at(port);
      await using second = listen(address, kind);
      await second.address();
      // Fewer than 30 might all come to one process by chance.
      do await connectOften(address, kind); while (accepted(first) + accepted(second) < 30);
      const shares = [accepted(first), accepted(second)];
      assert(shares.every((share) => share > 0), `${shares}`);
      first.signal("SIGTERM");
      assertEquals((await first.exit()).status, 0);
      await connectOften(address, kind);
      assert(accepted(second) > shares[1]!);
    },
  });
}

for (const kind of kinds.filter(({ name }) => name === "tcp://" || name === "udp://")) {
  Deno.test(
    `a port is shared only where both processes say so: ${kind.name}`,
    options,
    async () => {
      for (const [first, second] of [[["--reuse-port"], []], [[], ["--reuse-port"]]] as const) {
        await using holder = Coax.start(["echo", kind.at(0), ...first]);
        const address = kind.at(portOf(await holder.address()));
        const { status, stderr } = await run(["echo", address, ...second]);
        assertEquals(status, 4);
        assertStringIncludes(stderr, address);
        assertStringIncludes(stderr, "address in use");
      }
    },
  );
}

Deno.test(
  "processes that share a port without a bus have rooms of their own",
  options,
  async () => {
    await using chat = Coax.start(["chat", "127.0.0.1:0", "--reuse-port"]);
    await chat.logs(/^every process on this port has rooms of its own; --bus makes them one$/m);
  },
);

Deno.test("--reuse-port is refused for what has no port", async () => {
  const { status, stderr } = await run(["echo", "unix:/tmp/nowhere/x", "--reuse-port"]);
  assertEquals(status, 2);
  assertMatch(stderr, /^(coax: )?--reuse-port: .*udp:\/\//m);
});
