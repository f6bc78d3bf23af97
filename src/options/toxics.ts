/** The option for toxics, which commands share that can be faulty on purpose. */
import { custom, repeated } from "../flags/flag.ts";
import { count } from "../flags/kinds.ts";
import { parseToxic } from "./toxic_spec.ts";

export const toxicFlag = repeated(
  custom(
    "disturb it as TYPE:ATTRIBUTE=N,... says ('coax help toxics' lists them); repeatable",
    parseToxic,
    { value: "SPEC" },
  ),
);

export const seedFlag = count("the same seed gives the same faults", 0);
