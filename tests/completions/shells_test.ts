/** Completions as real shells make them: typed with Tab on a terminal, or asked of fish. */
import { assert, assertEquals } from "@std/assert";
import { completionScript, type Shell } from "../../src/completions/mod.ts";
import { Coax, PIPE, quote, shellLine, temporary } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";

/** Every shell needs a terminal, which `script` provides. */
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
  ["-q --color never cli\t9000", ["-q", "--color", "never", "client", "9000"]],
  ["client --log-format=js\t9000", ["client", "--log-format=json", "9000"]],
  ["server --ready-file=DIR/on\t9000", ["server", "--ready-file=DIR/only-one", "9000"]],
  ["client --send 'a  b' -- unix:DIR/on\t", [
    "client",
    "--send",
    "a  b",
    "--",
    "unix:DIR/only-one",
  ]],
  ["wait 9000 -- cat DIR/on\t", ["wait", "9000", "--", "cat", "DIR/only-one"]],
];

/** A line that would leave a file in `DIR`, if any of it were run; it is erased after the Tab. */
const HOSTILE = 'client --send "$(touch DIR/ran)" unix:$(touch DIR/ran)/\t';

/** A folder for PATH, in which `coax` is the program under test. */
async function programIn(folder: string): Promise<string> {
  const bin = `${folder}/bin`;
  await Deno.mkdir(bin);
  await Deno.writeTextFile(`${bin}/coax`, `#!/bin/sh\nexec ${shellLine([])} "$@"\n`);
  await Deno.chmod(`${bin}/coax`, 0o755);
  return `${bin}:${Deno.env.get("PATH")}`;
}

/** Types a line in `shell`, and answers with the words that `coax` was started with. */
async function type(words: readonly string[], typed: string, PATH: string): Promise<string[]> {
  const line = words.map(quote).join(" ");
  await using shell = Coax.spawn(["script", "-qec", line, "/dev/null"], {
    stdin: PIPE,
    env: { TERM: "dumb", PS1: "ready> ", PATH },
  });
  await shell.prints(/ready> /);
  await shell.write(`coax ${typed}\n`);
  const [, got] = await shell.prints(/\((<[^)]*)\)/);
  return got!.slice(1, -1).split("><");
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
  await Deno.writeTextFile(script, completionScript(shell));
  const words = await start(temp.path, script);
  const PATH = await programIn(temp.path);
  const inFolder = (text: string) => text.replaceAll("DIR", folder);
  for (const [typed, expected] of TYPED) {
    assertEquals(await type(words, inFolder(typed), PATH), expected.map(inFolder), typed);
  }
  const erased = `${inFolder(HOSTILE)}\x15coax done`;
  assertEquals(await type(words, erased, PATH), ["done"]);
  assertEquals(await namesIn(folder), ["only-one"]);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
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
      "bindkey '^I' complete-word", // The default expands the word first.
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
  await Deno.writeTextFile(script, completionScript("fish"));
  const ask = [...TYPED.map(([typed]) => typed), HOSTILE].map((typed) => {
    const line = `coax ${typed.split("\t")[0]!.replaceAll("DIR", folder)}`;
    return `echo ----; complete -C ${quote(line)}`;
  });
  await using process = Coax.spawn(
    ["fish", "--no-config", "-c", `source ${script}; ${ask.join("; ")}`],
    { env: { HOME: temp.path, PATH: await programIn(temp.path) } },
  );
  const { out, stderr } = await process.exit();
  assertEquals(stderr, "");
  const answers = out.split("----\n").slice(1);
  TYPED.forEach(([typed, expected], i) => {
    const offered = answers[i]!.split("\n").map((line) => line.split("\t")[0]);
    const wanted = expected.find((word) => word.startsWith(lastWord(typed, folder)))!;
    assert(offered.includes(wanted.replace("DIR", folder)), `${typed}: ${answers[i]}`);
  });
  assertEquals(await namesIn(folder), ["only-one"]);
});

/** The word that was being typed when Tab was pressed, as `TYPED` writes it. */
function lastWord(typed: string, folder: string): string {
  return typed.split("\t")[0]!.split(" ").at(-1)!.replace(folder, "DIR");
}

Deno.test("the script for PowerShell has balanced brackets outside of its texts", () => {
  const script = completionScript("powershell").replace(/'(?:[^']|'')*'/g, "");
  for (const [open, close] of ["()", "{}", "[]"]) {
    assertEquals(script.split(open!).length, script.split(close!).length, open);
  }
});
