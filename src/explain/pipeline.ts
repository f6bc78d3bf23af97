/** Translates the pipeline and the loop around a tool's command line. */
import { UsageError } from "../core/errors.ts";
import { dropRefused, type Grammar } from "./checked.ts";
import type { PipelineStage, ShellLine } from "./shell.ts";
import { shellWord, type Translation } from "./translation.ts";

/**
 * Translates the whole line. A loop that only listens again becomes one command of coax, with what
 * the loop pipes into each connection.
 *
 * @param at The index of the first translated stage.
 */
export function translateLine(
  line: ShellLine,
  translations: readonly (Translation | undefined)[],
  at: number,
  grammar: Grammar,
): Translation {
  const notes = translations.flatMap((one) => one?.notes ?? []);
  if (translations.some((one) => one && !one.words)) return { notes };
  const main = translations[at]!;
  if (line.loop !== undefined) {
    const single = withoutLoop(line, main, at, grammar);
    if (single) {
      return { ...single, ...line.after ? { after: (single.after ?? "") + follows(line) } : {} };
    }
  }
  if (line.untilSuccess && main.words![0] !== "wait") {
    throw new UsageError("until", "expected nc -z or what else only tries a port");
  }
  const before = line.stages.slice(0, at).map((stage) => `${textOf(stage)} | `).join("");
  const behind = line.stages.slice(at + 1).map((stage, i) =>
    ` | ${translatedText(stage, translations[at + 1 + i])}`
  ).join("");
  const loopTail = line.loop === undefined ? "" : `${line.pause ? `; ${line.pause}` : ""}; done`;
  return {
    ...line.untilSuccess ? waitCommand(main) : main,
    before: (line.loop === undefined ? "" : `${line.loop} `) + before + (main.before ?? ""),
    after: (main.after ?? "") + behind + loopTail + follows(line),
    notes,
  };
}

/** What the shell does behind the line. */
function follows({ after = "" }: ShellLine): string {
  return (/^[;\n]/.test(after) ? `; ${after.slice(1).trim()}` : ` ${after}`).trimEnd();
}

/** Translates a loop until a port answers: `coax wait`, which tries again by itself. */
function waitCommand(translation: Translation): Translation {
  return { ...translation, words: translation.words!.filter((word) => word !== "--once") };
}

/** One command for listening in a loop; undefined where the loop has to stay. */
function withoutLoop(
  { stages }: ShellLine,
  main: Translation,
  at: number,
  grammar: Grammar,
): Translation | undefined {
  const [command, ...words] = main.words!;
  const behind = stages.slice(at + 1).map((stage) => ` | ${textOf(stage)}`).join("");
  if (command === "relay" && at === 0 && behind === "") {
    return { ...main, words: [command, ...words.filter((word) => word !== "--once")] };
  }
  if (command !== "server") return undefined;
  const file = /^<\s*(\S+)$/.exec(main.redirect ?? "")?.[1];
  const input = at > 0
    ? stages.slice(0, at).map(textOf).join(" | ")
    : file === undefined
    ? undefined
    : `cat ${file}`;
  if (input === undefined) {
    const all = words.includes("-k") ? words : ["-k", ...words];
    return { ...main, words: [command, ...all], ...behind ? { after: behind } : {} };
  }
  if (behind !== "" || (main.redirect !== undefined && file === undefined)) return undefined;
  const { redirect: _, ...rest } = main;
  return dropRefused({
    ...rest,
    words: ["relay", ...words, `sh:${input}`],
    notes: [
      ...main.notes.filter((note) => !/peer ends first|stdin/.test(note)),
      "each connection gets the output of a command of its own, and several may be open at once",
    ],
  }, grammar);
}

/** The original text of a stage. */
function textOf({ text, redirects }: PipelineStage): string {
  return [text, ...redirects].join(" ");
}

/** The translation of a stage, or else its original text. */
function translatedText(stage: PipelineStage, translation: Translation | undefined): string {
  return translation?.words ? inPipeline(translation) : textOf(stage);
}

function inPipeline({ words, before = "", redirect, after = "" }: Translation): string {
  return before + ["coax", ...words!.map(shellWord)].concat(redirect ?? []).join(" ") + after;
}
