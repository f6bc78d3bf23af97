/**
 * Parses a command line as people paste it: with a prompt, in a pipeline or loop, and with
 * redirections. Nothing is run or expanded.
 */
import { UsageError } from "../core/errors.ts";
import { splitWords } from "../address/words.ts";

/** One command of a pipeline. */
export interface PipelineStage {
  /** The original text, without redirections. */
  readonly text: string;
  /** The words without quotes; empty for a group in `( )` or `{ }`. */
  readonly words: readonly string[];
  /** Original texts such as `> file` and `2>&1`. */
  readonly redirects: readonly string[];
}

/** A pipeline (POSIX 2.9.2), and the loop around it. */
export interface ShellLine {
  readonly stages: readonly PipelineStage[];
  /** The head of the loop, as written: `while true; do`. */
  readonly loop?: string;
  /** `sleep 1`, where an iteration of the loop has one. */
  readonly pause?: string;
  /** The pipeline is the condition of the loop: `until nc -z …; do sleep 1; done`. */
  readonly untilSuccess?: boolean;
  /** What follows: `&`. */
  readonly after?: string;
}

interface Token {
  readonly kind: "word" | "group" | "operator" | "redirect";
  readonly text: string;
}

/** A shell's prompt: `$`, `#`, `root@kali:~#`; a lone `>` is that of a continued line. */
const PROMPT = /^\s*(?:[\w.-]+@[\w.-]+(?::\S*)?\s*|\[[^\]]*\]\s*)?[$#%>❯]\s+/;

const WORD =
  /(?:\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|[^\s|&;<>()'"\\`])+/y;
const OPERATOR = /\|\||&&|\|&|[|&;\n]/y;
const REDIRECT = /\d*(?:<<<|<&|>&|>>|<|>)|&>>?/y;
const BLANK = /(?:[^\S\n]|\\\n)+/y;
const COMMENT = /#[^\n]*/y;

/** Parses a line. Throws a `UsageError` for more than one pipeline. */
export function parseShell(line: string): ShellLine {
  const text = line.replace(PROMPT, "").trim();
  const tokens = tokensOf(text);
  const first = tokens[0]?.text;
  if (first === "while" || first === "until" || first === "for") return loopOf(tokens);
  return { ...pipelineOf(tokens) };
}

function loopOf(tokens: readonly Token[]): ShellLine {
  const start = tokens.findIndex(({ text }) => text === "do");
  const end = tokens.findLastIndex(({ text }) => text === "done");
  if (start < 0 || end < start) {
    throw new UsageError(`"${tokens[0]!.text}"`, "expected a whole loop, from do to done");
  }
  const head = tokens.slice(0, start);
  const behind = textOf(tokens.slice(end + 1));
  const after = behind ? { after: behind } : {};
  const body = commandsOf(tokens.slice(start + 1, end));
  const work = body.filter(([first]) => !/^(?:sleep|echo|printf|true|:)$/.test(first!.text));
  const condition = work.length === 0 ? untilCommand(head) : undefined;
  if (condition) return { ...pipelineOf(condition), untilSuccess: true, ...after };
  const commands = body.filter(([first]) => first!.text !== "sleep");
  if (commands.length !== 1) throw oneCommand(";");
  const pause = body.find((one) => one !== commands[0]);
  return {
    ...pipelineOf(commands[0]!),
    loop: `${textOf(head)} do`,
    ...pause ? { pause: textOf(pause) } : {},
    ...after,
  };
}

/** The command of `until COMMAND` and `while ! COMMAND`. */
function untilCommand(head: readonly Token[]): readonly Token[] | undefined {
  const [word, ...rest] = head.filter(({ text }) => !/^[;\n]$/.test(text));
  if (word!.text === "until" && rest[0]?.text !== "false") return rest;
  return word!.text === "while" && rest[0]?.text === "!" ? rest.slice(1) : undefined;
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(" ").replaceAll(" ;", ";");
}

/** Splits at `;`, `&` and newlines into commands, without empty ones. */
function commandsOf(tokens: readonly Token[]): Token[][] {
  const commands: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "operator" && /^[;&\n]$/.test(token.text)) commands.push([]);
    else commands.at(-1)!.push(token);
  }
  return commands.filter(({ length }) => length > 0);
}

function pipelineOf(tokens: readonly Token[]): Omit<ShellLine, "loop"> {
  const last = tokens.findLastIndex(({ text }) => !/^[;\n]$/.test(text));
  const background = tokens[last]?.text === "&";
  const parts: Token[][] = [[]];
  for (const token of tokens.slice(0, background ? last : last + 1)) {
    if (token.kind !== "operator") parts.at(-1)!.push(token);
    else if (token.text === "|" || token.text === "|&") parts.push([]);
    else throw oneCommand(token.text.trim() || "newline");
  }
  return { stages: parts.map(stageOf), ...background ? { after: "&" } : {} };
}

function stageOf(tokens: readonly Token[]): PipelineStage {
  const written = tokens.filter(({ kind }) => kind !== "redirect").map(({ text }) => text);
  const grouped = tokens.some(({ kind }) => kind === "group");
  return {
    text: written.join(" "),
    words: grouped ? [] : written.map((text) => splitWords(text)?.join(" ") ?? text),
    redirects: tokens.filter(({ kind }) => kind === "redirect").map(({ text }) => text),
  };
}

function oneCommand(operator: string): UsageError {
  return new UsageError(`"${operator}"`, "expected one command line, or a pipeline of several");
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const add = (kind: Token["kind"], written: string) => tokens.push({ kind, text: written });
  while (at < text.length) {
    if (take(BLANK) || take(COMMENT)) continue;
    const start = at;
    const redirect = take(REDIRECT);
    if (redirect) {
      take(BLANK);
      const target = take(WORD);
      if (!target) throw new UsageError(`"${redirect}"`, "expected a file after it");
      add("redirect", text.slice(start, at));
      continue;
    }
    const operator = take(OPERATOR);
    if (operator) {
      add("operator", operator);
      continue;
    }
    const group = groupAt(text, at, tokens.at(-1));
    if (group) {
      at += group.length;
      add("group", group);
      continue;
    }
    const word = take(WORD);
    if (!word) throw new UsageError(`"${text}"`, "expected the quotes to be closed");
    add("word", word);
  }
  return tokens;
}

/** The text of `( … )` or `{ …; }` where a command may begin (POSIX 2.9.4.1). */
function groupAt(text: string, at: number, previous: Token | undefined): string | undefined {
  const begins = previous === undefined || previous.kind === "operator" || previous.text === "do";
  const [open] = /^(?:\(|\{(?=\s))/.exec(text.slice(at)) ?? [];
  if (!begins || !open) return undefined;
  const close = open === "(" ? ")" : "}";
  let depth = 0;
  for (const match of text.slice(at).matchAll(/\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|[^]/g)) {
    if (match[0] === open) depth++;
    if (match[0] === close && --depth === 0) return text.slice(at, at + match.index + 1);
  }
  throw new UsageError(`"${open}"`, `expected ${close} after it`);
}
