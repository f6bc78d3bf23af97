/** Programs that run a command, and assignments, in front of a tool's name. */
import { shellWord, type Translation } from "./translation.ts";

/** A command, and what stands in front of it. */
export interface WrappedCommand {
  /** Text that stays in front of coax, with a final blank. */
  readonly before: string;
  /** `sudo -E`, where the tool runs with another user's rights. */
  readonly rights?: string;
  /** The tool's name, without a path. */
  readonly name: string;
  readonly args: readonly string[];
}

/** The options of a wrapper that take a value, and its number of operands before the command. */
interface Wrapper {
  readonly valued: RegExp;
  readonly operands: number;
}

const plain: Wrapper = { valued: /^$/, operands: 0 };

/** sudo(8), doas(1), timeout(1), nice(1), stdbuf(1), env(1), ssh_config(5). */
const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map([
  ["sudo", { valued: /^-[CDghpRrTtUu]$/, operands: 0 }],
  ["doas", { valued: /^-[Cu]$/, operands: 0 }],
  ["timeout", { valued: /^-[ks]$/, operands: 1 }],
  ["nice", { valued: /^-n$/, operands: 0 }],
  ["stdbuf", { valued: /^-[ioe]$/, operands: 0 }],
  ["env", { valued: /^-[uCS]$/, operands: 0 }],
  ...["nohup", "exec", "command", "time", "setsid", "rlwrap", "ProxyCommand"].map((name) =>
    [name, plain] as const
  ),
]);

/** Splits a command from what stands in front of it. */
export function unwrap(words: readonly string[]): WrappedCommand {
  const rest = [...words];
  const before: string[] = [];
  let rights: string | undefined;
  for (;;) {
    const [word] = rest;
    if (word !== undefined && /^[A-Za-z_]\w*=/.test(word)) {
      before.push(rest.shift()!);
      continue;
    }
    const wrapper = WRAPPERS.get(word ?? "");
    if (!wrapper) break;
    const taken = rest.splice(0, lengthOf(wrapper, rest));
    if (word === "sudo" || word === "doas") rights = taken.map(shellWord).join(" ");
    else before.push(...taken);
  }
  const [name = "", ...args] = rest;
  return {
    before: before.map((word) => `${shellWord(word)} `).join(""),
    ...rights ? { rights } : {},
    name: name.replace(/^.*\//, ""),
    args,
  };
}

function lengthOf({ valued, operands }: Wrapper, words: readonly string[]): number {
  let at = 1;
  while (/^-./.test(words[at] ?? "")) at += valued.test(words[at]!) ? 2 : 1;
  return at + operands;
}

/** Restores what stood in front; `sudo` only where coax needs the rights. */
export function rewrap({ before, rights }: WrappedCommand, translation: Translation): Translation {
  const { words, notes } = translation;
  if (!words) return translation;
  const needed = rights !== undefined && needsRights(words);
  const front = (needed ? `${rights} ` : "") + before + (translation.before ?? "");
  return {
    ...translation,
    ...front ? { before: front } : {},
    notes: rights && !needed
      ? [...notes, `${rights}: no more rights than any user has are needed for this`]
      : notes,
  };
}

/** Whether a command needs rights: for a port below 1024, a Unix socket or a child. */
function needsRights([command, ...words]: readonly string[]): boolean {
  if (words.some((word) => /^(?:unix|exec|sh):/.test(word))) return true;
  const listens = ["server", "echo", "relay", "chat"].includes(command!);
  return listens && words.some((word) => {
    const [, port] = /(?:^|:|\/)(\d+)$/.exec(word) ?? [];
    return port !== undefined && Number(port) > 0 && Number(port) < 1024;
  });
}
