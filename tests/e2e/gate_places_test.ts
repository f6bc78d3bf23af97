/** Places of a gate's visitors, and when they are free again. */
import { assertEquals } from "@std/assert";
import { Coax } from "./coax.ts";
import { GATE_KINDS, TestGate } from "./gates.ts";
import { connectTo, receiveText, unusedPort } from "./peers.ts";

const nobody = `127.0.0.1:${unusedPort()}`;

/** A target, and all that a visitor gets from it; where it breaks off, a reset may be its end. */
const TARGETS = [
  { what: "refuses", to: nobody, answers: ["", "reset"] },
  { what: "ends", to: "exec:echo hi", answers: ["hi\n"] },
];

for (const kind of GATE_KINDS) {
  for (const { what, to, answers } of TARGETS) {
    Deno.test(`a visitor whose target ${what} has no place any more, over ${kind.name}`, async () => {
      await using gate = await TestGate.open(kind, "-m", "2", "-v");
      await using relay = Coax.start(["relay", ...gate.words(), to]);
      const address = await relay.address();
      using visitors = new DisposableStack(); // None leaves by itself.
      for (let visit = 1; visit <= 3; visit++) {
        const visitor = visitors.use(await connectTo(address));
        const answer = await receiveText(visitor).catch(() => "reset");
        assertEquals(answers.includes(answer), true, answer);
        await gate.coax.logs(new RegExp(`\\[${visit}\\] close `));
      }
    });
  }
}
