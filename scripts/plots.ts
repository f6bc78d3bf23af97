// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Measures what each toxic does to a connection through `coax control`, and draws it:
 * `docs/plots/NAME.svg`. With names it makes those alone. `COAX_BIN` is the coax that is measured.
 * On a busy machine `chrt -r 20` before the command keeps the others out of the plots.
 */
import { bandwidth, chop, limitData, slicer, stall } from "./plots/amounts.ts";
import type { Figure } from "./plots/figure.ts";
import { Lab } from "./plots/lab.ts";
import { corrupt, duplicate, loss, reorder } from "./plots/messages.ts";
import { jitter, latency, toxicity } from "./plots/round_trips.ts";
import { draw } from "./plots/svg.ts";
import { limitTime, resetPeer, slowClose, slowOpen, timeout } from "./plots/timelines.ts";

const FOLDER = new URL("../docs/plots/", import.meta.url);

/** What is measured, by the names of files. */
const FIGURES: Readonly<Record<string, (lab: Lab) => Promise<Figure>>> = {
  latency,
  jitter,
  bandwidth,
  slow_close: slowClose,
  timeout,
  reset_peer: resetPeer,
  slicer,
  limit_data: limitData,
  slow_open: slowOpen,
  limit_time: limitTime,
  stall,
  chop,
  corrupt,
  loss,
  duplicate,
  reorder,
  toxicity,
};

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(FIGURES, name));
  if (unknown !== undefined) {
    console.error(`plots: no plot ${unknown}; there are ${Object.keys(FIGURES).join(", ")}`);
    return 2;
  }
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const [name, measure] of Object.entries(FIGURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    await using lab = await Lab.start();
    const figure = await measure(lab);
    await Deno.writeTextFile(new URL(`${name}.svg`, FOLDER), draw(figure));
    console.error(`${name}: ${figure.measured}`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
