/** A link that takes less a second than programs send. */
import { assert, assertEquals } from "@std/assert";
import { Coax } from "../e2e/coax.ts";
import { run, testInNamespaces } from "./namespaces.ts";
import { available } from "./peer_program.ts";

const tc = { name: "tc", available: available("tc", ["-V"], /iproute2/) };

/**
 * Datagrams for a test: more than a sender's socket buffer takes, and fewer than the receiver's
 * queue does, which may fill while both share the link.
 */
const COUNT = 600;

/** A namespace whose loopback interface takes 8 Mbit/s, and drops nothing. */
class SlowLink implements AsyncDisposable {
  readonly #name = `coax-slow-${Deno.pid}`;

  static async make(): Promise<SlowLink> {
    const link = new SlowLink();
    try {
      await link.#build();
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
    return link;
  }

  /** Words before a program that runs there. */
  get words(): string[] {
    return ["ip", "netns", "exec", this.#name];
  }

  async #build(): Promise<void> {
    const rate = ["rate", "8mbit", "burst", "32kb", "limit", "100mb"];
    await run(["ip", "netns", "add", this.#name]);
    await run(["ip", "-n", this.#name, "link", "set", "lo", "mtu", "1500", "up"]);
    await run(["tc", "-n", this.#name, "qdisc", "add", "dev", "lo", "root", "tbf", ...rate]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["ip", "netns", "delete", this.#name]).catch(() => {});
  }
}

testInNamespaces(tc, "over a slow link datagrams wait for room, there and back", async () => {
  await using link = await SlowLink.make();
  const before = link.words;
  const lines = Array.from({ length: COUNT }, (_, i) => `${i} ${"x".repeat(1000)}\n`).join("");
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    await using echo = Coax.start(["echo", `udp://${host}:0`], { before });
    // Of every interface, answers come from the address that was asked.
    const asked = (await echo.address()).replace("0.0.0.0", "127.0.0.2");
    const args = ["client", asked, "--frame", "line", "--linger", "3s"];
    await using client = Coax.start(args, { before, stdin: lines });
    const { status, out, stderr } = await client.exit();
    assertEquals([status, out.length], [0, lines.length], stderr);
    assert(out === lines);
  }
});
