/** A listener behind NAT, at a gate in the world. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Coax, PIPE } from "../e2e/coax.ts";
import { SECRET } from "../e2e/gates.ts";
import { soon } from "../support/wait.ts";
import { Nat, WORLD } from "./nat.ts";
import { testInNamespaces } from "./namespaces.ts";
import { available } from "./peer_program.ts";

const programs = {
  name: "iproute2 or nftables",
  available: available("ip", ["-V"], /iproute2/) && available("nft", ["--version"], /nftables/),
};

function testWithNat(name: string, fn: (nat: Nat) => Promise<void>): void {
  testInNamespaces(programs, name, async () => {
    await using nat = await Nat.make();
    await fn(nat);
  });
}

/** The size of the test; larger ones are for who has the time. */
const COUNT = Number(Deno.env.get("COAX_VISITORS") ?? 100);
const BYTES = Number(Deno.env.get("COAX_VISITOR_BYTES") ?? 256 * 1024);

/** A gate in the world. */
async function openGate(nat: Nat) {
  const before = nat.at("world");
  const gate = Coax.start(["gate", `${WORLD}:0`, "--secret", SECRET], { before });
  const at = (await gate.address()).replace("tcp:", "gate:");
  return { gate, words: (port: number) => [`${at}/${port}`, "--secret", SECRET] };
}

testWithNat(
  "visitors of a listener behind NAT send and get the same, half-close and reset",
  async (nat) => {
    const { gate, words } = await openGate(nat);
    await using _ = gate;
    await using echo = Coax.start(["echo", ...words(0)], { before: nat.at("home") });
    const program = fileURLToPath(import.meta.resolve("./visitors.ts"));
    const config = fileURLToPath(import.meta.resolve("../../deno.json"));
    const deno = [Deno.execPath(), "run", "-A", "--config", config, program];
    const visitors = Coax.spawn([...deno, await echo.address(), `${COUNT}`, `${BYTES}`], {
      before: nat.at("world"),
    });
    await visitors.prints(/\}\n/, 600_000);
    const reset = Math.floor(COUNT / 10);
    assertEquals(JSON.parse(visitors.out), { same: COUNT - reset, different: 0, reset });
    assertEquals((await visitors.exit()).status, 0);
  },
);

testWithNat(
  "where the way to a listener is cut, its port is free within 30 s, and open connections go on",
  async (nat) => {
    const { gate, words } = await openGate(nat);
    await using _ = gate;
    await using echo = Coax.start(["echo", ...words(0)], { before: nat.at("home") });
    const address = await echo.address();
    const [before, stdin] = [nat.at("world"), PIPE];
    await using visitor = Coax.start(["client", address], { before, stdin });
    await visitor.write("a\n");
    await visitor.prints(/a\n/);
    await nat.setBlackHole(true);
    const start = performance.now();
    await gate.logs(/doesn't listen on port/, 30_000);
    const port = Number(/\d+$/.exec(address));
    await using other = Coax.start(["echo", ...words(port)], { before });
    await soon(other.address(), "the port");
    assert(performance.now() - start < 35_000);
    await nat.setBlackHole(false);
    await visitor.write("b\n");
    await visitor.prints(/a\nb\n/);
  },
);
