// deno-lint-ignore-file no-console -- a script reports on stdout
/**
 * Runs a mixed load for a long time: visitors exchange bytes with coax over every transport while
 * others reset, stall, send garbage and leave, and processes are stopped and resumed. Status 1
 * unless bytes in equal bytes out, and descriptors and memory stayed flat.
 */
import { parseArgs } from "@std/cli/parse-args";
import { below, generator, pick } from "../tests/support/random.ts";
import { type Account, exchange, harm } from "./soak/workload.ts";
import { Gauge } from "./soak/gauges.ts";
import { startSubjects, type Subjects } from "./soak/subjects.ts";

const USAGE = "usage: deno task soak [--seconds N] [--seed N]   (600 seconds, seed 1)";
/** Visitors at a time. */
const VISITORS = 12;
/** Exchanges for each act of harm. */
const HONEST = 4;
/** Time between two samples of memory, milliseconds. */
const SAMPLE = 500;
/** Visits before descriptors and memory are measured. */
const WARM_UP = 60;

class Soak {
  readonly account: Account = { sent: 0, received: 0 };
  readonly done = new Map<string, number>();
  readonly faults: string[] = [];

  constructor(private readonly subjects: Subjects, private readonly seed: number) {}

  /** Runs visitors until `over`, and waits until the last is done. */
  async run(over: () => boolean): Promise<void> {
    const visitors = Array.from({ length: VISITORS }, (_, index) => this.#visit(index, over));
    await Promise.all(visitors);
  }

  /** Stops one process for a moment, again and again. */
  async pause(over: () => boolean): Promise<void> {
    const random = generator(this.seed + 1_000);
    while (!over()) {
      await wait(1_000);
      const process = pick(random, [...this.subjects.processes.values()]);
      if (!process.running) continue;
      process.signal("SIGSTOP");
      await wait(below(random, 300));
      process.signal("SIGCONT");
      this.#count("pause");
    }
  }

  async #visit(index: number, over: () => boolean): Promise<void> {
    const random = generator(this.seed * VISITORS + index);
    while (!over()) {
      try {
        if (below(random, HONEST + 1) === 0) {
          this.#count(await harm(this.subjects, random));
        } else {
          await exchange(this.subjects, random, this.account);
          this.#count("exchange");
        }
      } catch (error) {
        this.faults.push(`${error}`);
        return;
      }
    }
  }

  #count(kind: string): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }
}

async function main(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    string: ["seconds", "seed"],
    unknown: (arg: string) => void unknown.push(arg),
  });
  const [seconds, seed] = [Number(parsed.seconds ?? 600), Number(parsed.seed ?? 1)];
  if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
    console.error(USAGE);
    return 2;
  }
  await using subjects = await startSubjects();
  const faults = await soak(subjects, seconds, seed);
  for (const fault of faults) console.log(`FAULT ${fault}`);
  console.log(faults.length > 0 ? "soak: failed" : "soak: ok");
  return faults.length > 0 ? 1 : 0;
}

/** Runs for `seconds`, prints the figures, and resolves with the faults found. */
async function soak(subjects: Subjects, seconds: number, seed: number): Promise<string[]> {
  const warm = new Soak(subjects, seed + 1);
  const finishedVisits = () => [...warm.done.values()].reduce((sum, count) => sum + count, 0);
  await warm.run(() => finishedVisits() >= WARM_UP || warm.faults.length > 0);
  await wait(2_000); // UDP sessions expire by silence.
  const gauges = [...subjects.processes].map(([name, coax]) => new Gauge(name, coax));
  const sampling = setInterval(() => gauges.forEach((gauge) => gauge.sample()), SAMPLE);

  const measured = new Soak(subjects, seed);
  const deadline = performance.now() + seconds * 1000;
  const over = () => performance.now() >= deadline || measured.faults.length > 0;
  await Promise.all([measured.run(over), measured.pause(over)]);
  clearInterval(sampling);

  const { sent, received } = measured.account;
  console.log(`${seconds} s with seed ${seed}: ${sent} bytes out, ${received} bytes back`);
  console.log([...measured.done].map(([kind, count]) => `${count} × ${kind}`).sort().join(", "));
  const faults = [...warm.faults, ...measured.faults];
  if (sent !== received) faults.push(`${sent - received} bytes are missing`);
  for (const gauge of gauges) {
    const verdict = await gauge.verdict(seconds);
    console.log(verdict.line);
    faults.push(...verdict.faults);
  }
  return faults;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
