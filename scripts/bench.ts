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
import { renewed } from "./bench/renewal.ts";
import { markdown, ratioTable, type Section } from "./bench/report.ts";
import { experiments } from "./bench/rows/mod.ts";
import { describeMachine, type Machine } from "./bench/versions.ts";
import { withTimeout } from "../src/core/time.ts";

const USAGE =
  `usage: deno task bench [--quick] [--only TEXT | --renew TEXT] [--runs N] [--coax FILE]
  --quick      less work in each run; writes no files
  --only TEXT  only rows whose name contains TEXT; writes no files
  --renew TEXT rows whose name contains TEXT, in place of those of docs/benchmarks.json
  --runs N     runs of each contender, at least 5 (5)
  --coax FILE  the compiled coax to measure (dist/coax)`;

const ROOT = new URL("../", import.meta.url);

interface Settings {
  readonly quick: boolean;
  readonly runs: number;
  readonly coax: string;
  readonly chosen: readonly Experiment[];
  /** Whose earlier results stay in the report; undefined where none is written. */
  readonly keep?: "none" | "others";
}

/** Undefined for a line that can't be understood. */
function settingsOf(args: string[]): Settings | undefined {
  const unknown: string[] = [];
  const { quick, only, renew, runs: count = "5", coax } = parseArgs(args, {
    boolean: ["quick"],
    string: ["only", "renew", "runs", "coax"],
    unknown: (arg: string) => void unknown.push(arg),
  });
  const runs = Number(count);
  const text = String(only ?? renew ?? "");
  const chosen = experiments.filter(({ rows }) => rows.some(({ name }) => name.includes(text)));
  const isClear = unknown.length === 0 && (only === undefined || renew === undefined);
  if (!isClear || !Number.isInteger(runs) || runs < 5 || chosen.length === 0) return undefined;
  const keep = renew === undefined ? "none" : "others";
  return {
    quick: quick === true,
    runs,
    coax: String(coax ?? new URL("dist/coax", ROOT).pathname),
    chosen,
    keep: quick === true || only !== undefined ? undefined : keep,
  };
}

async function main(args: string[]): Promise<number> {
  const settings = settingsOf(args);
  if (!settings) {
    console.error(USAGE);
    return 2;
  }
  const { quick, runs, coax, chosen, keep } = settings;
  try {
    const machine = await describeMachine(coax);
    const measured = new Map<Experiment, Section>();
    for (const one of chosen) measured.set(one, await perform(one, coax, quick, runs));
    const sections = [...measured.values()];
    const results = sections.flatMap((section) => section.results);
    console.log(ratioTable(results));
    if (keep) {
      const earlier = keep === "others" ? await earlierResults() : [];
      await writeReport(renewed(experiments, measured, earlier), machine, runs);
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

/** The results of the report that is there. */
async function earlierResults(): Promise<Result[]> {
  const text = await Deno.readTextFile(new URL("docs/benchmarks.json", ROOT));
  return JSON.parse(text).results;
}

async function writeReport(
  sections: readonly Section[],
  machine: Machine,
  runs: number,
): Promise<void> {
  const results = sections.flatMap((section) => section.results);
  await write("benchmarks.md", markdown(sections, machine, runs));
  await write("pictures/bench.svg", drawChart(results, runs));
  await write("benchmarks.json", JSON.stringify({ machine, runs, results }, null, 2) + "\n");
}

async function write(name: string, text: string): Promise<void> {
  await Deno.writeTextFile(new URL(`docs/${name}`, ROOT), text);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
