/** What the command loads when it runs. */
export { describeLosses, measure, type Result } from "./measure.ts";
export { progressOf } from "./progress.ts";
export { summary, summaryJson } from "./summary.ts";
