/** Completions as shells really make them: typed with Tab on a terminal, or asked of fish. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadCommands } from "../../src/commands/mod.ts";
import { completionScript, type Shell } from "../../src/completions/mod.ts";
import { modelOf } from "../../src/completions/model.ts";
import { Coax, PIPE, quote, temporary } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";

const commands = await loadCommands();

/** Each needs a terminal, and `script` gives it one. */
const terminal = available("script", ["--version"], /util-linux/);
const needs = (name: string, pattern: RegExp) => ({
  name,
  available: terminal && available(name, ["--version"], pattern),
});
const bash = needs("bash", /GNU bash/);
const zsh = needs("zsh", /zsh/);
const fish = needs("fish", /fish/);

/** What is typed after `coax `, and the words that coax gets; `DIR` has one file, `only-one`. */
const TYPED: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ["cli\t9000", ["client", "9000"]],
  ["--ver\t", ["--version"]],
  ["completions po\t", ["completions", "powershell"]],
  ["help exi\t", ["help", "exit-status"]],
  ["help rel\t", ["help", "relay"]],
  ["help --color never rel\t", ["help", "--color", "never", "relay"]],
  ["client --connect-t\t9s 9000", ["client", "--connect-timeout", "9s", "9000"]],
  ["server --log-format js\t9000", ["server", "--log-format", "json", "9000"]],
  ["server --ready-file DIR/on\t9000", ["server", "--ready-file", "DIR/only-one", "9000"]],
  ["relay 9000 unix:DIR/on\t", ["relay", "9000", "unix:DIR/only-one"]],
  ["relay - --onc\t", ["relay", "-", "--once"]],
  ["client wss\t", ["client", "wss://"]],
  ["wait --timeout 1s ud\t", ["wait", "--timeout", "1s", "udp://"]],
];

/** Types a line in `shell`, and answers with the words that `coax` was started with. */
async function type(words: readonly string[], typed: string): Promise<string[]> {
  const line = words.map(quote).join(" ");
  await using shell = Coax.spawn(["script", "-qec", line, "/dev/null"], {
    stdin: PIPE,
    env: { TERM: "dumb", PS1: "ready> " },
  });
  await shell.prints(/ready> /);
  await shell.write(`coax ${typed}\n`);
  const [, got] = await shell.prints(/\((<[^)]*)\)/);
  // zsh joins an option and its value by "=", which means the same.
  return got!.slice(1, -1).split("><").flatMap((word) => word.split(/(?<=^--[\w-]+)=/));
}

const SHOW = `coax() { printf '('; printf '<%s>' "$@"; printf ')\\n'; }`;

async function assertCompletes(
  shell: Shell,
  start: (folder: string, script: string) => Promise<readonly string[]>,
) {
  await using temp = await temporary();
  const folder = await Deno.makeTempDir({ dir: temp.path });
  await Deno.writeTextFile(`${folder}/only-one`, "");
  const script = `${temp.path}/script`;
  await Deno.writeTextFile(script, completionScript(shell, commands));
  const words = await start(temp.path, script);
  for (const [typed, expected] of TYPED) {
    const inFolder = (text: string) => text.replace("DIR", folder);
    assertEquals(await type(words, inFolder(typed)), expected.map(inFolder), typed);
  }
}

testWith(bash, "bash completes commands, options, values, files and addresses", async () => {
  await assertCompletes("bash", async (folder, script) => {
    const rc = `${folder}/rc`;
    await Deno.writeTextFile(rc, `${SHOW}\nsource ${quote(script)}\nPS1='ready> '\n`);
    return ["bash", "--noprofile", "--rcfile", rc, "-i"];
  });
});

testWith(zsh, "zsh completes commands, options, values, files and addresses", async () => {
  await assertCompletes("zsh", async (folder, script) => {
    const rc = [
      `autoload -Uz compinit && compinit -u -d ${quote(`${folder}/dump`)}`,
      SHOW,
      `source ${quote(script)}`,
      "PS1='ready> '",
    ].join("\n");
    await Deno.writeTextFile(`${folder}/.zshrc`, rc);
    return ["env", `ZDOTDIR=${folder}`, "zsh", "-d", "-i"];
  });
});

testWith(fish, "fish completes commands, options, values, files and addresses", async () => {
  await using temp = await temporary();
  const folder = await Deno.makeTempDir({ dir: temp.path });
  await Deno.writeTextFile(`${folder}/only-one`, "");
  const script = `${temp.path}/script`;
  await Deno.writeTextFile(script, completionScript("fish", commands));
  const ask = TYPED.map(([typed]) => {
    const line = `coax ${typed.split("\t")[0]!.replace("DIR", folder)}`;
    return `echo ----; complete -C ${quote(line)}`;
  });
  await using process = Coax.spawn(
    ["fish", "--no-config", "-c", `source ${script}; ${ask.join("; ")}`],
    { env: { HOME: temp.path } },
  );
  const { out, stderr } = await process.exit();
  assertEquals(stderr, "");
  const answers = out.split("----\n").slice(1);
  TYPED.forEach(([typed, expected], i) => {
    const offered = answers[i]!.split("\n").map((line) => line.split("\t")[0]);
    const wanted = expected.find((word) => word.startsWith(lastWord(typed, folder)))!;
    assert(offered.includes(wanted.replace("DIR", folder)), `${typed}: ${answers[i]}`);
  });
});

/** The word that was being typed when Tab was pressed, as `TYPED` writes it. */
function lastWord(typed: string, folder: string): string {
  return typed.split("\t")[0]!.split(" ").at(-1)!.replace(folder, "DIR");
}

for (const shell of ["bash", "zsh", "fish", "powershell"] as const) {
  Deno.test(`the script for ${shell} knows every command and option of the table`, () => {
    const script = completionScript(shell, commands);
    for (const { name, options } of modelOf(commands)) {
      assertStringIncludes(script, name);
      for (const { long } of options) assertStringIncludes(script, long, `${name} --${long}`);
    }
  });
}

Deno.test("what stands at a place follows from its name in the table", () => {
  const flags = {
    metrics: { help: "", value: "ADDRESS", parse: () => {} },
    record: { help: "", value: "FILE", parse: () => {} },
    retry: { help: "", value: "N|forever", parse: () => {} },
    once: { help: "", parse: () => {} },
  };
  const [model] = modelOf([
    { name: "replay", summary: "", operands: "FILE ADDRESS...", examples: [], flags },
  ]);
  const nothing = { words: [], files: false, addresses: false };
  assertEquals(model!.operands.map(({ place }) => place), [
    { ...nothing, files: true },
    { ...nothing, addresses: true },
  ]);
  assertEquals([model!.open, model!.program], [true, false]);
  assertEquals(model!.options.map(({ value }) => value?.place), [
    { ...nothing, addresses: true },
    { ...nothing, files: true },
    { ...nothing, words: ["forever"] },
    undefined,
  ]);
});

Deno.test("the script for PowerShell has balanced brackets outside of its texts", () => {
  const script = completionScript("powershell", commands).replace(/'(?:[^']|'')*'/g, "");
  for (const [open, close] of ["()", "{}", "[]"]) {
    assertEquals(script.split(open!).length, script.split(close!).length, open);
  }
});
