/** Translates another tool's command line into coax's. */
import { UsageError } from "../core/errors.ts";
import { dropRefused, type Grammar } from "./checked.ts";
import { curl } from "./curl.ts";
import { nc } from "./netcat/nc.ts";
import { ncat } from "./netcat/ncat.ts";
import { withoutNesting } from "./nested.ts";
import { openssl } from "./openssl.ts";
import { translateLine } from "./pipeline.ts";
import { parseShell, type PipelineStage } from "./shell.ts";
import { socat } from "./socat/socat.ts";
import { telnet } from "./telnet.ts";
import { shellWord, type Tool, type Translation } from "./translation.ts";
import { websocat } from "./websocat/websocat.ts";
import { rewrap, unwrap, type WrappedCommand } from "./wrappers.ts";
import { wscat } from "./wscat.ts";

const TOOLS: readonly Tool[] = [nc, ncat, socat, websocat, wscat, telnet, openssl, curl];

/** The tools' names, as a usage message lists them. */
const KNOWN = "nc, ncat, socat, websocat, wscat, telnet, openssl or curl";

/**
 * Translates a command line, given as one text or as words. A text may be part of a pipeline or
 * loop, and have redirections.
 *
 * @param grammar Options that coax's own grammar refuses are left out, with a note.
 * @throws {UsageError} Where the command line can't be parsed.
 */
export function translate(input: readonly string[], grammar: Grammar): Translation {
  const line = input.length === 1
    ? parseShell(input[0]!)
    : { stages: [{ text: "", words: input, redirects: [] }] };
  const translations = line.stages.map((stage) => translateStage(stage, grammar));
  const at = translations.findIndex((one) => one !== undefined);
  if (at < 0) throw unknown(line.stages.at(-1)!);
  return translateLine(line, translations, at, grammar);
}

/** Translates one command of a pipeline; undefined for a command of no known tool. */
function translateStage(stage: PipelineStage, grammar: Grammar): Translation | undefined {
  const wrapped = unwrap(stage.words);
  const tool = toolOf(wrapped);
  if (!tool) return undefined;
  const translated = tool.translate(wrapped.args, wrapped.name);
  const direct = withoutNesting(translated, (text) => translateNested(text, grammar));
  const { words, ...rest } = rewrap(wrapped, dropRefused(direct, grammar));
  const redirect = [...rest.redirect ? [rest.redirect] : [], ...stage.redirects].join(" ");
  return { ...rest, ...words ? { words } : {}, ...redirect ? { redirect } : {} };
}

/** Translates a command line inside another one; undefined unless it is one tool's alone. */
function translateNested(text: string, grammar: Grammar): Translation | undefined {
  try {
    const { stages, loop, after } = parseShell(text);
    const [stage, ...more] = stages;
    if (loop || after || more.length > 0 || stage!.redirects.length > 0) return undefined;
    const wrapped = unwrap(stage!.words);
    if (wrapped.before || !toolOf(wrapped)) return undefined;
    return translateStage(stage!, grammar);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function toolOf({ name }: WrappedCommand): Tool | undefined {
  return TOOLS.find(({ names }) => names.includes(name));
}

function unknown({ words, text }: PipelineStage): UsageError {
  const { name } = unwrap(words);
  return new UsageError(`"${name || text}"`, `expected ${KNOWN}`);
}

/** The text that is printed: coax's command line, then the notes, which `wrap` breaks. */
export function answer(translation: Translation, wrap: (text: string) => string[]): string {
  const noteLines = translation.notes.map((note) =>
    wrap(note).map((part, i) => (i === 0 ? "- " : "  ") + part)
  );
  return [commandLine(translation), ...noteLines.length > 0 ? [""] : [], ...noteLines.flat()].join(
    "\n",
  ) + "\n";
}

function commandLine({ words, before = "", redirect, after = "" }: Translation): string {
  if (!words) return "coax has no command for this.";
  const command = ["coax", ...words].map(shellWord).concat(redirect ?? []).join(" ");
  return before + command + after;
}
