/** The launcher of the npm package, as a child's parent; tests of the registry see it replaced. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, type StartOptions, temporary } from "../../../e2e/coax.ts";
import { available, testWith } from "../../../interop/peer_program.ts";
import { layOut } from "./packed.ts";

const node = { name: "node", available: available("node", ["--version"], /^v\d/) };
const script = {
  name: "script",
  available: node.available && available("script", ["--version"], /util-linux/),
};
const LINUX_X64 = Deno.build.target === "x86_64-unknown-linux-gnu";

/** Runs before the launcher: without `execve`, it stays the program's parent on every Node. */
const ALONE = "delete process.execve;";

interface Launch extends StartOptions {
  /** More that runs before the launcher. */
  readonly preload?: string;
  /** Packages that npm hasn't installed. */
  readonly without?: readonly string[];
  /** Makes of the words of a command those that run it on a terminal. */
  readonly terminal?: (words: readonly string[]) => readonly string[];
}

/** Starts the launcher of `program`, a shell script, in `folder`. */
async function launch(
  folder: string,
  program: string,
  args: readonly string[],
  { preload = "", without = [], terminal = (words) => words, ...options }: Launch = {},
): Promise<Coax> {
  const modules = await layOut(`#!/bin/sh\n${program}\n`, folder);
  for (const name of without) await Deno.remove(`${modules}/${name}`, { recursive: true });
  await Deno.writeTextFile(`${folder}/preload.cjs`, ALONE + preload);
  const words = ["node", "--require", `${folder}/preload.cjs`, `${modules}/coax-cli/coax.mjs`];
  return Coax.spawn(terminal([...words, ...args]), options);
}

testWith(node, "the launcher passes arguments, stdin, stdout, stderr and the status", async () => {
  await using temp = await temporary();
  const program = 'printf "<%s>" "$@"; cat; echo problem >&2; exit 7';
  const args = ["a b", "", "--flag", "*"];
  await using coax = await launch(temp.path, program, args, { stdin: "line\n" });
  const { status, out, stderr } = await coax.exit();
  assertEquals([status, out, stderr], [7, "<a b><><--flag><*>line\n", "problem\n"]);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
  testWith(node, `the launcher passes ${signal} on, and waits for the program`, async () => {
    await using temp = await temporary();
    const name = signal.slice("SIG".length);
    // A shell that waits for a child runs its trap at once.
    const trap = `trap 'kill $!; echo ${name}; exit 9' ${name}`;
    const program = `${trap}; sleep 60 > /dev/null 2>&1 & echo ready; wait`;
    await using coax = await launch(temp.path, program, []);
    await coax.prints(/ready/);
    coax.signal(signal);
    const { status, out } = await coax.exit();
    assertEquals([status, out], [9, `ready\n${name}\n`]);
  });
}

testWith(script, "Ctrl-C on a terminal reaches the program once", async () => {
  await using temp = await temporary();
  const program = "trap 'echo got' INT; echo ready; until read line; do :; done; echo \"<$line>\"";
  const terminal = (words: readonly string[]) => ["script", "-qec", words.join(" "), "/dev/null"];
  await using coax = await launch(temp.path, program, [], { stdin: PIPE, terminal });
  await coax.prints(/ready/);
  // Two signals in quick succession may count as one, but not every time.
  const times = 20;
  for (let count = 1; count <= times; count++) {
    await coax.write("\x03");
    await coax.prints(RegExp(`(?:got[^]*){${count}}`));
  }
  await coax.write("line\n");
  await coax.prints(/<line>/);
  assertEquals((await coax.exit()).out.match(/got/g)?.length, times);
});

testWith(node, "the launcher dies of the signal that the program died of", async () => {
  for (const [signal, number] of [["TERM", 15], ["KILL", 9], ["INT", 2], ["PIPE", 13]] as const) {
    await using temp = await temporary();
    await using coax = await launch(temp.path, `kill -${signal} $$`, []);
    assertEquals((await coax.exit()).status, 128 + number, signal);
  }
});

testWith(node, "the launcher names the package that is missing", async () => {
  await using temp = await temporary();
  const name = `coax-cli-${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
  await using coax = await launch(temp.path, "", [], { without: [name] });
  const { status, stderr } = await coax.exit();
  assertEquals(status, 127);
  assertEquals(
    stderr,
    `coax: ${name} is missing: install coax-cli again, with optional dependencies\n`,
  );
});

testWith(node, "the launcher says that a platform has no program", async () => {
  await using temp = await temporary();
  const preload = "Object.defineProperty(process, 'platform', { value: 'freebsd' });";
  await using coax = await launch(temp.path, "", [], { preload });
  const { status, stderr } = await coax.exit();
  assertEquals(status, 127);
  assertMatch(stderr, /^coax: no program for freebsd-(x64|arm64), only for linux-x64, .*-x64\n$/);
});

Deno.test({
  name: "the launcher says that glibc is missing",
  // The other processor's loader is what such a machine lacks.
  ignore: !LINUX_X64 || !node.available,
  async fn() {
    await using temp = await temporary();
    const preload = "Object.defineProperty(process, 'arch', { value: 'arm64' });";
    await using coax = await launch(temp.path, "", [], { preload });
    const { status, stderr } = await coax.exit();
    assert(stderr.endsWith("is missing (musl isn't supported)\n"), stderr);
    assertEquals([status, stderr.split("\n").length], [126, 2]);
  },
});
