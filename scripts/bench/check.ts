// deno-lint-ignore-file no-console -- a script reports on stderr and stdout
/**
 * Fails if the relay is slow: in bytes below 1.5 × socat, in connects below 0.75 × a bare loop on
 * the same runtime, each in the same half minute. The bars are far below what a quiet machine
 * reaches, since this one may be busy, and only bad results without a good one count.
 */
import { sendBytes } from "./ends/bytes.ts";
import { ask, serveWeb } from "./ends/web.ts";
import type { Contender } from "./experiment.ts";
import { freePort, Lab } from "./lab.ts";
import { interleave, spreadOf } from "./measure.ts";
import { BARE, bare, coax, socat, through } from "./relays.ts";

const BINARY = new URL("../../dist/coax", import.meta.url).pathname;

const ATTEMPTS = 3;

interface Check {
  readonly work: string;
  readonly peer: string;
  /** The least of coax's number divided by the peer's in the same round, the rounds' median. */
  readonly bar: number;
  readonly rounds: number;
  /** coax first, then the peer. */
  setUp(lab: Lab): Promise<Contender[]>;
}

const bytes: Check = {
  work: "relay, one TCP connection",
  peer: "socat",
  bar: 1.5,
  rounds: 5,
  setUp(lab) {
    const target = freePort();
    const load = { connections: 1, seconds: 1 };
    return through(lab, { coax, socat: socat() }, target, async (port) => [
      await sendBytes(lab, port, target, load),
    ]);
  },
};

const connects: Check = {
  work: "relay, connect + request + close",
  peer: BARE,
  bar: 0.75,
  rounds: 5,
  async setUp(lab) {
    const load = { connections: 16, close: true, seconds: 2 };
    return await through(lab, { coax, [BARE]: bare() }, await serveWeb(lab), async (port) => [
      (await ask(port, load)).rate,
    ]);
  },
};

async function ratio({ rounds, setUp }: Check): Promise<number> {
  await using lab = await Lab.open(BINARY, true);
  const [ours, theirs] = await interleave(await setUp(lab), rounds, () => {});
  return spreadOf(ours!.map(([number], round) => number! / theirs![round]![0]!)).median;
}

async function holds(check: Check): Promise<boolean> {
  const { work, peer, bar } = check;
  try {
    const median = await ratio(check);
    console.log(`${work}: ${median.toFixed(2)} × ${peer} (at least ${bar})`);
    return median >= bar;
  } catch (error) {
    console.log(`${work}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

async function passes(check: Check): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) if (await holds(check)) return true;
  return false;
}

let status = 0;
for (const check of [bytes, connects]) if (!await passes(check)) status = 1;
Deno.exit(status);
