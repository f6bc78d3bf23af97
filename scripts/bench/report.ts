/** Formats results as Markdown that reads well as plain text. */
import type { Comparison, Result, Spread } from "./measure.ts";
import type { Machine } from "./versions.ts";

/** Columns of the longest bar. */
const BAR_WIDTH = 40;

/** The chart of all ratios to other programs, as `drawChart` makes it. */
const PICTURE =
  "![For each kind of work a bar for each other program: how many times as good coax is, on a " +
  "logarithmic axis; the numbers are in the table below](pictures/bench.svg)";

/** What readers of earlier reports have to know. */
const MEASURED_DIFFERENTLY =
  "**Earlier figures were measured differently.** A relay's client and server were " +
  "written in Deno, and took most of the processor's time: they hid the relay behind themselves. " +
  "With them coax made 0.68 × haproxy's connections a second; with programs in C at both ends, as " +
  "below, it was 0.42 to 0.48 for the same coax. The bars were others, too: bytes were compared to " +
  "no relay (0.7), which no relay reaches while all share two cores, and connections to haproxy " +
  "(1.0), which has no runtime to pay for. What is still measured with ends in Deno says so.";

/** A section of the report: a description, and the results. */
export interface Section {
  readonly about: string;
  readonly bound?: string;
  /** Empty after a failure. */
  readonly results: readonly Result[];
  /** What went wrong, and the name of the first row that is missing for it. */
  readonly failure?: { readonly name: string; readonly failure: string };
}

/** The whole document. */
export function markdown(sections: readonly Section[], machine: Machine, runs: number): string {
  const versions = Object.entries(machine.versions).map((pair) => pair.join(" ")).join(", ");
  return [
    "# Benchmarks",
    `coax beside its peers on one machine, over loopback, written by \`deno task bench\`. All ` +
    `contenders take turns in each of ${runs} runs. **Only the ratios mean anything**: the ` +
    "median of coax's number divided by the peer's in the same run, with the lowest and the " +
    "highest beside it. Absolute numbers say as much about the machine and what else it was doing.",
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}. ${versions}.`,
    MEASURED_DIFFERENTLY,
    PICTURE,
    "## Ratios",
    ratioTable(sections.flatMap(({ results }) => results)),
    ...sections.flatMap(sectionText),
  ].join("\n\n") + "\n";
}

function sectionText({ about, bound, results, failure }: Section): string[] {
  if (failure) {
    return [`## ${capitalized(failure.name)}\n\nNot measured: ${failure.failure}`, about];
  }
  return [
    ...results.map((result) => `## ${capitalized(result.row.name)}\n\n${chart(result)}`),
    bound === undefined ? about : `${about} What bounds it: ${bound}`,
  ];
}

/** Every comparison with its bar, aligned. */
export function ratioTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ row, comparisons }) =>
    comparisons.map((comparison) => [
      row.name,
      `${factor(comparison.ratio.median)} × ${comparison.peer}`,
      `${factor(comparison.ratio.min)} – ${factor(comparison.ratio.max)}`,
      ...verdict(comparison, row.better),
    ])
  );
  return table([["work", "coax is", "lowest – highest", "bar", "met"], ...rows]);
}

function verdict({ bar, met }: Comparison, better: "more" | "less"): string[] {
  if (bar === undefined) return ["", ""];
  return [`${better === "more" ? "≥" : "≤"} ${factor(bar)}`, met ? "yes" : "**no**"];
}

/** One bar a contender, the longest for the largest number. */
function chart({ row, values }: Result): string {
  const largest = Math.max(...Object.values(values).map(({ median }) => median));
  const wide = Math.max(...Object.keys(values).map((name) => name.length));
  const lines = Object.entries(values).map(([name, spread]) => {
    const bar = "█".repeat(Math.max(1, Math.round(spread.median / largest * BAR_WIDTH)));
    return `${name.padEnd(wide)}  ${bar.padEnd(BAR_WIDTH)}  ${range(spread, row.unit)}`;
  });
  const good = row.better === "more" ? "longer is better" : "shorter is better";
  return ["```text", `${"".padEnd(wide)}  ${good}`, ...lines, "```"].join("\n");
}

function range({ median, min, max }: Spread, unit: string): string {
  return `${short(median)} ${unit} (${short(min)} – ${short(max)})`;
}

/** Three digits. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function factor(ratio: number): string {
  return ratio.toFixed(2);
}

function table([head, ...rows]: string[][]): string {
  const widths = head!.map((_, i) => Math.max(...[head!, ...rows].map((row) => row[i]!.length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
