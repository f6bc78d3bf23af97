/** `coax help`: prints the overview, a command's help, or a topic. */
import { UnknownCommandError } from "../core/errors.ts";
import { commandHelp, overview, topicHelp } from "../manual/help.ts";
import { topics } from "../manual/topics/mod.ts";
import { suggestion } from "../core/nearest.ts";
import { outputColumns, print } from "../transports/stdio.ts";
import { type Command, defineCommand } from "./command.ts";
import { generalFlags } from "../options/general.ts";

/** Makes the command; `commands` loads the list that it is itself part of. */
export function helpOn(commands: () => Promise<readonly Command[]>): Command {
  return defineCommand({
    name: "help",
    summary: "explain a command or a topic",
    operands: `[COMMAND|${topics.map(({ name }) => name).join("|")}]`,
    examples: [
      ["coax help relay", "the same as coax relay --help"],
      ["coax help addresses", "how addresses are written"],
      ["coax help recipes", "command lines for common tasks"],
    ],
    flags: generalFlags,
    onSignal: "stop",
    async run({ operands }) {
      await print(helpFor(operands[0], await commands(), outputColumns()));
    },
  });
}

function helpFor(name: string | undefined, commands: readonly Command[], width: number): string {
  if (name === undefined) return overview(commands, width);
  const command = commands.find((known) => known.name === name);
  if (command) return commandHelp(command, width);
  const topic = topics.find((known) => known.name === name);
  if (topic) return topicHelp(topic, width);
  const known = [...commands, ...topics].map(({ name }) => name);
  const listed = topics.map(({ name }) => name).join(", ").replace(/, (?=[^,]*$)/, " and ");
  throw new UnknownCommandError(
    name,
    suggestion(name, known) || `, and no topic; the topics are ${listed}`,
  );
}
