/** All that the command needs of benchmarking, loaded when it is run. */
export { describeLosses, measure, type Result } from "./measure.ts";
export { progressOf } from "./progress.ts";
export { summary, summaryJson } from "./summary.ts";
