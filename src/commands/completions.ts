/** `coax completions`: prints a shell's completion script. */
import { UsageError } from "../core/errors.ts";
import { print } from "../transports/stdio.ts";
import { defineCommand } from "./command.ts";
import { generalFlags } from "../options/general.ts";

export const completions = defineCommand({
  name: "completions",
  summary: "print a script that makes a shell complete coax command lines",
  operands: "bash|zsh|fish|powershell",
  examples: [
    ["source <(coax completions bash)", "in ~/.bashrc; the same with zsh in ~/.zshrc"],
    ["coax completions fish | source", "in config.fish"],
  ],
  flags: generalFlags,
  onSignal: "stop",
  async run({ operands }) {
    const { completionScript, isShell } = await import("../completions/mod.ts");
    const shell = operands[0]!;
    if (!isShell(shell)) {
      throw new UsageError(`"${shell}"`, "expected one of bash, zsh, fish, powershell");
    }
    await print(completionScript(shell));
  },
});
