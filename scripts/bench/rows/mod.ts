/** Every experiment, in the order of the table. */
import type { Experiment } from "../experiment.ts";
import { relay } from "./relay.ts";
import { startUp } from "./start_up.ts";

export const experiments: readonly Experiment[] = [...relay, startUp];
