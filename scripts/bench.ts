// deno-lint-ignore-file no-console -- a script reports on stderr and stdout
/**
 * Measures the compiled coax against its peers, prints the table of ratios, and writes
 * `docs/benchmarks.md`, its chart, and `docs/benchmarks.json`. `--quick` takes a minute and writes
 * nothing.
 */
import { parseArgs } from "@std/cli/parse-args";
import { drawChart } from "./bench/chart.ts";
import type { Experiment } from "./bench/experiment.ts";
import { Lab } from "./bench/lab.ts";
import { interleave, type Result, resultOf } from "./bench/measure.ts";
import { markdown, ratioTable, type Section } from "./bench/report.ts";
import { experiments } from "./bench/rows/mod.ts";
import { describeMachine } from "./bench/versions.ts";
import { withTimeout } from "../src/core/time.ts";

const USAGE = `usage: deno task bench [--quick] [--only TEXT] [--runs N] [--coax FILE]
  --quick      less work in each run; writes no files
  --only TEXT  only rows whose name contains TEXT; writes no files
  --runs N     runs of each contender, at least 5 (5)
  --coax FILE  the compiled coax to measure (dist/coax)`;

const ROOT = new URL("../", import.meta.url);

async function main(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    boolean: ["quick"],
    string: ["only", "runs", "coax"],
    unknown: (arg: string) => void unknown.push(arg),
  });
  const quick = parsed.quick === true;
  const only = String(parsed.only ?? "");
  const coax = String(parsed.coax ?? new URL("dist/coax", ROOT).pathname);
  const runs = Number(parsed.runs ?? 5);
  const chosen = experiments.filter(({ rows }) => rows.some(({ name }) => name.includes(only)));
  if (unknown.length > 0 || !Number.isInteger(runs) || runs < 5 || chosen.length === 0) {
    console.error(USAGE);
    return 2;
  }
  try {
    const machine = await describeMachine(coax);
    const sections: Section[] = [];
    for (const experiment of chosen) sections.push(await perform(experiment, coax, quick, runs));
    const results = sections.flatMap((section) => section.results);
    console.log(ratioTable(results));
    if (!quick && !only) {
      await write("benchmarks.md", markdown(sections, machine, runs));
      await write("pictures/bench.svg", drawChart(results, runs));
      await write("benchmarks.json", JSON.stringify({ machine, runs, results }, null, 2) + "\n");
    }
    if (sections.some(({ failure }) => failure !== undefined)) return 2;
    return results.every(({ comparisons }) => comparisons.every(({ met }) => met !== false))
      ? 0
      : 1;
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
}

/** How often an experiment is tried: a machine that was busy for seconds can lose an answer. */
const ATTEMPTS = 2;

/** Measures; a failure is part of the report, which takes too long to be lost by one. */
async function perform(
  experiment: Experiment,
  coax: string,
  quick: boolean,
  runs: number,
): Promise<Section> {
  const { about, bound, rows } = experiment;
  const name = rows[0]!.name;
  for (let attempt = 1;; attempt++) {
    try {
      return { about, bound, results: await measure(experiment, coax, quick, runs) };
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      console.error(`bench: ${name}: ${failure}`);
      if (attempt === ATTEMPTS) return { about, bound, results: [], failure: { name, failure } };
    }
  }
}

/** Time for one run, milliseconds: many times what any takes, unless an answer never comes. */
const RUN_LIMIT = 90_000;

async function measure(
  { rows, setUp }: Experiment,
  coax: string,
  quick: boolean,
  runs: number,
): Promise<Result[]> {
  await using lab = await Lab.open(coax, quick);
  const contenders = (await setUp(lab)).map(({ name, run }) => {
    const late = () => new Error(`${name}: no end of a run after ${RUN_LIMIT / 1000} s`);
    return { name, run: () => withTimeout(run(), RUN_LIMIT, late) };
  });
  const samples = await interleave(contenders, runs, (round) => {
    console.error(
      `bench: ${rows[0]!.name}: ${round === 0 ? "warm-up" : `run ${round} of ${runs}`}`,
    );
  });
  return rows.map((row, i) => resultOf(row, i, contenders, samples));
}

async function write(name: string, text: string): Promise<void> {
  await Deno.writeTextFile(new URL(`docs/${name}`, ROOT), text);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
