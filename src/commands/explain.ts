/** `coax explain`: what to type instead of nc, ncat, socat or websocat. */
import { wrap } from "../manual/layout.ts";
import { outputColumns, print } from "../transports/stdio.ts";
import { defineCommand } from "./command.ts";
import { general } from "./general.ts";

export const explain = defineCommand({
  name: "explain",
  summary: "translate a command line of another tool into coax",
  operands: "nc|ncat|socat|websocat [ARG...]",
  examples: [
    ["coax explain nc -lk 1234", "what to type instead, and where meanings differ"],
    ["coax explain 'socat TCP-LISTEN:80,fork TCP:host:80'", "a line in quotes does as well"],
  ],
  flags: general,
  optionsFirst: true,
  onSignal: "end",
  async run({ operands }) {
    const { answer, translate } = await import("../explain/mod.ts");
    const width = outputColumns() - 2;
    await print(answer(translate(operands), (note) => wrap(note, width)));
  },
});
