/** Almost valid answers of gates, 600 times: none is believed without its proof. */
import { assertEquals } from "@std/assert";
import { Control } from "../../src/transports/gate/control.ts";
import { formatLine, Prover } from "../../src/transports/gate/protocol.ts";
import { takeVisitor } from "../../src/transports/gate/take.ts";
import { concat } from "../../src/core/bytes.ts";
import { Script } from "../support/connections.ts";
import { fuzz, knownOutcome, mutatedBytes, pieces } from "./fuzz.ts";

const N = "ab".repeat(32);
const ANSWERS = [
  [{ nonce: N }, { port: 8080, public: "example.org", proof: N }, { ping: true }],
  [{ nonce: N }, { error: "port 80 isn't free" }],
  [{ nonce: N }, { port: 1, public: "", proof: N }, { gone: "cd".repeat(16) }],
  [{ proof: N }],
].map((lines) => concat(lines.map(formatLine)));

Deno.test("600 answers of gates are refused, or broken off", async () => {
  const prover = await Prover.with("secret");
  await fuzz(600, async (random, seed) => {
    const gate = new Script(pieces(random, mutatedBytes(random, ANSWERS)));
    const outcome = seed % 2
      ? Control.ask(gate, 0, prover, "gate://h", undefined)
      : takeVisitor(gate, "cd".repeat(16), prover, undefined);
    assertEquals(await knownOutcome<unknown>(outcome), undefined);
  });
});
