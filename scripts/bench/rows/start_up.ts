/** Start-up time. */
import { compileModule } from "../compiled.ts";
import type { Experiment } from "../experiment.ts";

/** Starts of each program in one run. */
const STARTS = 10;

async function time(command: string, args: string[]): Promise<number> {
  const start = performance.now();
  const { success } = await new Deno.Command(command, { args, stdin: "null", clearEnv: true })
    .output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  return performance.now() - start;
}

/** The fastest of several starts: disturbances only make a start longer. */
async function fastest(command: string, args: string[]): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) times.push(await time(command, args));
  return [Math.min(...times)];
}

export const startUp: Experiment = {
  rows: [{
    name: "start-up, `coax --version`",
    unit: "ms",
    better: "less",
    bars: { "compiled hello world": 1.15 },
  }],
  about: `From start to exit, the fastest of ${STARTS} in each run. The other program is ` +
    '`console.log("hello world")`, compiled by the same Deno with the same options.',
  bound: "the runtime, which is nearly all of a program that does next to nothing.",
  async setUp(lab) {
    const hello = await compileModule(lab, "hello", 'console.log("hello world");\n', {});
    return [
      { name: "coax", run: () => fastest(lab.coax, ["--version"]) },
      { name: "compiled hello world", run: () => fastest(hello, []) },
    ];
  },
};
