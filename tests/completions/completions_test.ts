/** What `coax __complete` answers; the shells' scripts only pass it on. */
import { assert, assertEquals } from "@std/assert";
import { commandNames, loadCommands } from "../../src/commands/mod.ts";
import { completionLines, completionsAt } from "../../src/completions/completions.ts";
import { modelOf } from "../../src/completions/model.ts";
import { positionAfter } from "../../src/completions/position.ts";
import { flagName, type Flags } from "../../src/flags/flag.ts";
import { run } from "../e2e/coax.ts";

const switchOf = (short?: string) => ({ help: "", short, parse: () => {} });
const valued = (value: string, more = {}) => ({ help: "", value, parse: () => {}, ...more });

const flags: Flags = {
  once: switchOf("o"),
  verbose: { ...switchOf("v"), repeat: true },
  limit: valued("N|forever", { short: "m" }),
  record: valued("FILE", { short: "r" }),
  ca: valued("FILE", { repeat: true }),
  metrics: valued("ADDRESS"),
  color: valued("auto|never", { choices: ["auto", "never"] }),
};

const model = modelOf({ flags, operands: "FROM COMMAND|exit... [-- COMMAND ARG...]" }, ["relay"]);

/** The answer for a line's words; the last one is being typed. */
function answer(line: string, of = model): string[] {
  const words = line.split(" ");
  const current = words.pop()!;
  return completionLines(completionsAt(positionAfter(words, of), current, of))
    .split("\n").slice(0, -1);
}

const ADDRESSES = ["tcp://", "tls://", "udp://", "ws://", "wss://"]
  .concat(["gate://", "gate+tls://", "gate+ws://", "gate+wss://"], [
    "unix:",
    "unixgram:",
    "ws+unix:",
    "file:",
    "file+read:",
    "file+append:",
    "exec:",
    "sh:",
    "-",
  ]);
const OPERAND = ["nothing", "relay", "exit"];

for (
  const [line, expected] of [
    ["", ["nothing", ...ADDRESSES]],
    ["unix:/tmp/", ["files unix:", ...ADDRESSES]],
    ["ws+unix:x", ["files ws+unix:", ...ADDRESSES]],
    ["9000 ", OPERAND],
    ["- ", OPERAND],
    ["--once 9000 ", OPERAND],
    ["9000 relay ", OPERAND],
    ["--limit 5 9000 ", OPERAND],
    ["--limit=5 9000 ", OPERAND],
    ["-om 5 9000 ", OPERAND],
    ["-om5 9000 ", OPERAND],
    ["-om=5 9000 ", OPERAND],
    ["--nonsense 9000 -x ", OPERAND],
    ["--limit ", ["nothing", "forever"]],
    ["--limit --", ["nothing", "forever"]],
    ["-ovm f", ["nothing", "forever"]],
    ["--limit=f", ["nothing", "--limit=forever"]],
    ["-om=f", ["nothing", "-om=forever"]],
    ["-omf", ["nothing", "-omforever"]],
    ["--color=", ["nothing", "--color=auto", "--color=never"]],
    ["--once=", ["nothing"]],
    ["--nonsense=", ["nothing"]],
    ["--record ", ["files "]],
    ["--record=a/b", ["files --record="]],
    ["-ora/b", ["files -or"]],
    ["--metrics=unix:/x", ["files --metrics=unix:", ...ADDRESSES.map((a) => `--metrics=${a}`)]],
    ["9000 -- ", ["program 2"]],
    ["9000 -- --once x -", ["program 2"]],
    ["--record -- ", ["nothing", ...ADDRESSES]],
  ] as [string, string[]][]
) {
  Deno.test(`at the end of "${line}" there can be ${expected.join(" ")}`, () => {
    assertEquals(answer(line), expected);
  });
}

Deno.test("an option is offered until it has been given, and always if it is repeatable", () => {
  const options = (line: string) => answer(line).filter((word) => word.startsWith("--"));
  const all = Object.keys(flags).map((key) => `--${key}`);
  assertEquals(options("-"), all);
  assertEquals(options("--onc"), all);
  assertEquals(
    options("-o --verbose --limit=1 --record x --ca x --"),
    all.filter((option) => !["--once", "--limit", "--record"].includes(option)),
  );
});

Deno.test("after -- there are only operands, unless a program's command line is there", () => {
  const plain = modelOf({ flags, operands: "FROM COMMAND" }, ["relay"]);
  assertEquals(answer("--once -- -", plain), ["nothing", ...ADDRESSES]);
  assertEquals(answer("-- 9000 -- ", plain), ["nothing"]);
});

Deno.test("another command line begins with the first operand where options come first", () => {
  const explain = modelOf({ flags, operands: "COMMAND-LINE...", optionsFirst: true }, []);
  assertEquals(answer("--color never nc -", explain), ["program 2"]);
  assert(answer("-", explain).includes("--color"));
});

Deno.test("the operand at a position follows from its name in the table", () => {
  const { operands, open, program, options } = modelOf({
    operands: "FILE ADDRESS...",
    flags: {
      metrics: valued("ADDRESS"),
      record: valued("FILE"),
      retry: valued("N|forever"),
      once: switchOf(),
    },
  }, []);
  const nothing = { words: [], files: false, addresses: false };
  assertEquals(operands, [{ ...nothing, files: true }, { ...nothing, addresses: true }]);
  assertEquals([open, program], [true, false]);
  assertEquals(options.map(({ value }) => value), [
    { ...nothing, addresses: true },
    { ...nothing, files: true },
    { ...nothing, words: ["forever"] },
    undefined,
  ]);
});

/** Prints the completions for the words before the cursor and the one at it. */
async function asked(before: readonly string[], current: string): Promise<string[]> {
  const { status, out, stderr } = await run(["__complete", `${before.length}`, ...before, current]);
  assertEquals([status, stderr], [0, ""]);
  return out.split("\n").slice(0, -1);
}

Deno.test("every command and option of the table is completed, with its text from help", async () => {
  const commands = await loadCommands();
  const first = await asked([], "");
  assertEquals(first, ["nothing", ...commands.map(({ name, summary }) => `${name}\t${summary}`)]);
  for (const command of commands) {
    const lines = await asked([command.name], "-");
    for (const [key, { help, short, unlisted = false }] of Object.entries(command.flags)) {
      const isOffered = lines.includes(`--${flagName(key)}\t${help}`);
      assertEquals(isOffered, !unlisted, `${command.name} --${flagName(key)}`);
      if (short && !unlisted) {
        assert(lines.includes(`-${short}\t${help}`), `${command.name} -${short}`);
      }
    }
  }
});

Deno.test("options may come before the command, and an index counts them", async () => {
  const found = await asked(["-q", "--color", "never", "wait", "9000", "--", "cat"], "x");
  assertEquals(found, ["program 6"]);
  assertEquals(await asked(["-q", "explain", "nc"], "-"), ["program 2"]);
  assertEquals(await asked(["--log-format"], "js"), ["nothing", "text", "json"]);
  const [, ...names] = await asked(["-q", "--color=never"], "nonsense");
  assertEquals(names, commandNames);
});

for (
  const args of [
    [],
    ["nonsense"],
    ["-1", "client"],
    ["0"],
    ["1", "client"],
    ["1", "nonsense", "-"],
    ["1", "__complete", ""],
    ["3", "client", "--frame", "nonsense", "--nope="],
    ["2", "", "--\x1b[31m\n", "\u{d83d}"],
    ["9", "--help", "--version"],
  ]
) {
  const line = JSON.stringify(args);
  Deno.test(`an answer is status 0 and no error, whatever is asked: ${line}`, async () => {
    const { status, out, stderr } = await run(["__complete", ...args]);
    assertEquals([status, stderr], [0, ""]);
    assert(/^(nothing|files|program)/.test(out), out);
  });
}

Deno.test("a shell that doesn't read the answer causes no error", async () => {
  const { status, stderr } = await run(["__complete", "0", ""], { stdout: "/dev/full" });
  assertEquals([status, stderr], [0, ""]);
});

Deno.test("no help text or completion mentions __complete", async () => {
  assert(!commandNames.includes("__complete"));
  const { status, stderr } = await run(["__complet"]);
  assertEquals([status, stderr], [2, `coax: "__complet": unknown command. Try 'coax --help'\n`]);
  for (const args of [["--help"], ["help"], ["help", "relay"]]) {
    assert(!(await run(args)).out.includes("__complete"), args.join(" "));
  }
});
