/** A report of which some rows were measured again. */
import type { Experiment } from "./experiment.ts";
import type { Result } from "./measure.ts";
import type { Section } from "./report.ts";

/** All experiments' sections: as measured now, or else with the results of an earlier report. */
export function renewed(
  experiments: readonly Experiment[],
  measured: ReadonlyMap<Experiment, Section>,
  earlier: readonly Result[],
): Section[] {
  return experiments.flatMap((experiment) => {
    const { rows, about, bound } = experiment;
    const section = measured.get(experiment) ??
      { about, bound, results: earlier.filter(({ row }) => rows.some((r) => r.name === row.name)) };
    return section.results.length > 0 || section.failure !== undefined ? [section] : [];
  });
}
