// deno-lint-ignore-file no-console -- a script reports on stderr and stdout
/**
 * Fails if the relay is slow: below 1.5 × socat in the same half minute. The bar is far below what
 * a quiet machine reaches, since this one may be busy, and only a second bad result counts.
 */
import { Lab } from "./lab.ts";
import { interleave, spreadOf } from "./measure.ts";
import { coax, socat } from "./relays.ts";

const BAR = 1.5;
const RUNS = 5;
const BYTES = 256e6;
const BINARY = new URL("../../dist/coax", import.meta.url).pathname;

/** The median of coax's throughput divided by socat's in the same round. */
async function ratio(): Promise<number> {
  await using lab = await Lab.open(BINARY, true);
  const endpoints = await lab.endpoints();
  const contenders = await Promise.all(
    Object.entries({ coax, socat: socat() }).map(async ([name, relay]) => {
      const port = await relay(lab, endpoints.ports.sink);
      return {
        name,
        run: () => endpoints.run({ job: "stream", port, bytes: BYTES, connections: 1 }),
      };
    }),
  );
  const [ours, theirs] = await interleave(contenders, RUNS, () => {});
  return spreadOf(ours!.map(([number], round) => number! / theirs![round]![0]!)).median;
}

for (const attempt of [1, 2]) {
  const median = await ratio();
  console.log(`relay, one TCP connection: ${median.toFixed(2)} × socat (at least ${BAR})`);
  if (median >= BAR) break;
  if (attempt === 2) Deno.exit(1);
}
