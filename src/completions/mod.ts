/** Completion scripts: each calls `coax __complete` and passes the answer to its shell. */
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { powershell } from "./powershell.ts";
import { zsh } from "./zsh.ts";

const scripts = { bash, zsh, fish, powershell };

export type Shell = keyof typeof scripts;

/** Whether there are completions for a shell of this name. */
export function isShell(name: string): name is Shell {
  return Object.hasOwn(scripts, name);
}

/** The script that makes `shell` complete coax's command lines. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}
