/** Completion scripts for all shells. */
import type { Usage } from "../flags/usage.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { modelOf } from "./model.ts";
import { powershell } from "./powershell.ts";
import { zsh } from "./zsh.ts";

const scripts = { bash, zsh, fish, powershell };

export type Shell = keyof typeof scripts;

/** Whether there are completions for a shell of this name. */
export function isShell(name: string): name is Shell {
  return Object.hasOwn(scripts, name);
}

/** The script that makes `shell` complete command lines of `commands`. */
export function completionScript(shell: Shell, commands: readonly Usage[]): string {
  return scripts[shell](modelOf(commands));
}
