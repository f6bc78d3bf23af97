/**
 * Rules of `deno lint` that keep files, functions and comments short enough to be read in one go.
 * `deno.json` names this file as a plugin, so editors show what is too long as well.
 */

/** The most lines of each. */
interface Caps {
  readonly file: number;
  readonly function: number;
  readonly comment: number;
}

export const CODE: Caps = { file: 250, function: 40, comment: 9 };
/** Tests of one thing stand together, and a conversation is one test. */
export const TESTS: Caps = { file: 510, function: 70, comment: 9 };
/** Columns of a comment's line, as `deno fmt` has them for code. */
export const WIDTH = 100;

const ROOT = decodeURIComponent(new URL("../", import.meta.url).pathname);

/** @param filename A whole path in the system's own form, or one from the root. */
function capsFor(filename: string): Caps {
  const path = filename.replaceAll("\\", "/").replace(/^\/?/, "/");
  return path.startsWith("/tests/") || path.startsWith(`${ROOT}tests/`) ? TESTS : CODE;
}

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

type Context = Deno.lint.RuleContext;

function fileLength(context: Context): Deno.lint.LintVisitor {
  const cap = capsFor(context.filename).file;
  return {
    Program(node) {
      const lines = linesOf(context.sourceCode.text);
      if (lines <= cap) return;
      context.report({ node, message: `a file of ${lines} lines, at most ${cap}: split it` });
    },
  };
}

function functionLength(context: Context): Deno.lint.LintVisitor {
  const cap = capsFor(context.filename).function;
  const look = (node: Deno.lint.Node) => {
    const lines = linesOf(context.sourceCode.getText(node));
    if (lines <= cap) return;
    context.report({ node, message: `a function of ${lines} lines, at most ${cap}: split it` });
  };
  return { FunctionDeclaration: look, FunctionExpression: look, ArrowFunctionExpression: look };
}

/** A line of a drawing or an example in a block comment: it is looked at, not read. */
const DRAWING = /^ *\* {4}.*\n/gm;

function commentLength(context: Context): Deno.lint.LintVisitor {
  const cap = capsFor(context.filename).comment;
  return {
    Program() {
      for (const range of commentsIn(context)) {
        const lines = linesOf(context.sourceCode.text.slice(...range).replace(DRAWING, ""));
        if (lines <= cap) continue;
        context.report({ range, message: `a comment of ${lines} lines, at most ${cap}` });
      }
    },
  };
}

function commentWidth(context: Context): Deno.lint.LintVisitor {
  return {
    Program() {
      for (const range of commentsIn(context)) {
        const before = context.sourceCode.text.slice(0, range[0]);
        const column = before.length - (before.lastIndexOf("\n") + 1);
        const text = " ".repeat(column) + context.sourceCode.text.slice(...range);
        const width = Math.max(...text.split("\n").map((line) => [...line].length));
        if (width <= WIDTH) continue;
        context.report({ range, message: `a comment of ${width} columns, at most ${WIDTH}` });
      }
    },
  };
}

/** Where comments stand; `//` comments on lines of their own, one below the other, are one. */
function commentsIn({ sourceCode }: Context): [number, number][] {
  const found: [number, number][] = [];
  for (const { type, range } of sourceCode.getAllComments()) {
    const last = found.at(-1);
    const between = last && sourceCode.text.slice(last[1], range[0]);
    if (type === "Line" && between && /^\n[ \t]*$/.test(between)) last[1] = range[1];
    else found.push([...range]);
  }
  return found;
}

const plugin: Deno.lint.Plugin = {
  name: "caps",
  rules: {
    "file-length": { create: fileLength },
    "function-length": { create: functionLength },
    "comment-length": { create: commentLength },
    "comment-width": { create: commentWidth },
  },
};

export default plugin;
