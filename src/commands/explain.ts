/** `coax explain`: translates another tool's command line. */
import { parseAddress } from "../address/address.ts";
import { expandPorts } from "../address/port_range.ts";
import { UsageError } from "../core/errors.ts";
import type { Grammar } from "../explain/checked.ts";
import { parseArguments } from "../flags/arguments.ts";
import { flagName } from "../flags/flag.ts";
import { wrap } from "../manual/layout.ts";
import { outputColumns, print } from "../transports/stdio.ts";
import { type Command, defineCommand } from "./command.ts";
import { isProxyKind } from "../proxy/kind.ts";
import { generalFlags } from "../options/general.ts";

/** Makes the command; `commands` loads the list that it is itself part of. */
export function explain(commands: () => Promise<readonly Command[]>): Command {
  return defineCommand({
    name: "explain",
    summary: "translate a command line of nc, ncat, socat, curl … into coax",
    operands: "COMMAND-LINE...",
    examples: [
      ["coax explain nc -lk 1234", "what to type instead, and where meanings differ"],
      ["coax explain 'socat TCP-LISTEN:80,fork TCP:host:80'", "a line in quotes does as well"],
      ["coax explain 'while true; do nc -l 80 -c date; done'", "and so does a loop of a shell"],
    ],
    flags: generalFlags,
    optionsFirst: true,
    onSignal: "stop",
    async run({ operands }) {
      const { answer, translate } = await import("../explain/mod.ts");
      const width = outputColumns() - 2;
      const grammar = grammarOf(await commands());
      await print(answer(translate(operands, grammar), (note) => wrap(note, width)));
    },
  });
}

/** The grammar of coax's command lines, from the parser itself. */
export function grammarOf(commands: readonly Command[]): Grammar {
  const options = new Map(
    commands.flatMap(({ flags }) => Object.entries(flags)).flatMap(([key, flag]) => {
      const known = { name: flagName(key), valued: flag.value !== undefined };
      return [`--${known.name}`, ...flag.short ? [`-${flag.short}`] : []]
        .map((spelling) => [spelling, known] as const);
    }),
  );
  return {
    option: (word) => options.get(word.replace(/=.*$/s, "")),
    refusal: ([name, ...words]) => refusalOf(commands.find((one) => one.name === name)!, words),
  };
}

function refusalOf(command: Command, words: readonly string[]): string | undefined {
  try {
    const { operands } = parseArguments(command, words);
    // Only `wait` takes ranges of ports.
    const addresses = command.name === "wait"
      ? operands.map((word) => expandPorts(word)[0]!)
      : operands;
    addresses.filter((word) => !isProxyKind(word)).forEach((word) => parseAddress(word));
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // A missing file is no error of the translation: it may exist when the command runs.
    return /: can't be read/.test(error.message) ? undefined : error.message;
  }
}
