/** Help, topics, completions, explain, and the recipes, as commands. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { recipes } from "../../src/manual/topics/recipes.ts";
import { available, testWith } from "../interop/peer_program.ts";
import { Coax, PIPE, quote, run, shellLine, temporary } from "./coax.ts";
import { unusedPort } from "./peers.ts";

for (
  const [args, start] of [
    [["help"], /^coax: both ends of a socket\n/],
    [["help", "relay"], /^coax relay FROM TO/],
    [["help", "addresses"], /^coax help addresses: /],
    [["help", "exit-status"], /^coax help exit-status: /],
    [["help", "recipes"], /^coax help recipes: /],
    [["completions", "bash"], /^# bash completion for coax/],
    [["completions", "zsh"], /^#compdef coax\n/],
    [["completions", "fish"], /^# fish completion for coax/],
    [["completions", "powershell"], /^# PowerShell completion for coax/],
    [["explain", "nc", "-lk", "1234"], /^coax server -k :1234\n\n- /],
    [["explain", "socat - TCP:[::1]:80"], /^coax client \[::1\]:80\n/],
  ] as [string[], RegExp][]
) {
  Deno.test(`coax ${args.join(" ")} prints it on stdout, at most 80 columns wide`, async () => {
    const { status, out, stderr } = await run(args);
    assertEquals([status, stderr], [0, ""]);
    assertMatch(out, start);
    if (args[0] === "completions") return;
    for (const line of out.split("\n")) assert([...line].length <= 80, line);
  });
}

Deno.test("help whose reader stops early is no error", async () => {
  await using shell = Coax.spawn(["sh", "-c", `${shellLine(["help", "recipes"])} | head -c 1`]);
  const { status, out, stderr } = await shell.exit();
  assertEquals([status, out, stderr], [0, "c", ""]);
});

Deno.test("help that can't be written is status 10", async () => {
  const { status, stderr } = await run(["--help"], { stdout: "/dev/full" });
  assertEquals(status, 10);
  assertMatch(stderr, /^coax: write stdout: no space left on device\n$/);
});

const script = {
  name: "script (util-linux)",
  available: available("script", ["--version"], /util-linux/),
};

testWith(script, "help is as wide as the terminal", async () => {
  for (const columns of [64, 110]) {
    const line = `stty columns ${columns}; ${shellLine(["client", "--help"])}`;
    await using terminal = Coax.spawn(["script", "-qec", line, "/dev/null"], { stdin: PIPE });
    const { out } = await terminal.exit();
    const widest = Math.max(...out.split("\r\n").map((text) => [...text].length));
    assert(widest <= columns && widest > columns - 20, `${columns}: ${widest}`);
  }
});

/** A recipe as written, with free ports and hosts of this machine. */
function recipe(heading: string, ports: Record<string, number>): string[] {
  const { lines } = recipes.sections.find((section) => section.heading === heading)!;
  return lines!.map(([line]) =>
    line.replace(/\b(?:host|db)\b/g, "127.0.0.1")
      .replace(/\b\d{4}\b/g, (port) => `${ports[port] ?? port}`)
  );
}

/** Runs lines in a shell that knows `coax` by name. */
async function inShell(lines: readonly string[], cwd: string) {
  const text = `coax() { ${shellLine([])} "$@"; }\n${lines.join("\n")}`;
  await using shell = Coax.spawn(["bash", "-c", text], { cwd });
  return await shell.exit();
}

const connecting = (line: string) => line.replace("coax client", "coax client --retry forever");

Deno.test("recipe: a file is sent", async () => {
  await using temp = await temporary();
  await Deno.writeTextFile(`${temp.path}/file`, "content\n");
  const [receiver, sender] = recipe("Send a file to another machine", { 9000: unusedPort() });
  const { status, stderr } = await inShell(
    [`${receiver} &`, connecting(sender!), "wait"],
    temp.path,
  );
  assertEquals(status, 0, stderr);
  assertEquals(await Deno.readTextFile(`${temp.path}/copy`), "content\n");
});

Deno.test("recipe: a folder is sent", async () => {
  await using temp = await temporary();
  await Deno.mkdir(`${temp.path}/folder`);
  await Deno.writeTextFile(`${temp.path}/folder/file`, "content\n");
  const [receiver, sender] = recipe("Send a folder", { 9000: unusedPort() });
  const lines = ["mkdir to", `(cd to; ${receiver}) &`, connecting(sender!), "wait"];
  const { status, stderr } = await inShell(lines, temp.path);
  assertEquals(status, 0, stderr);
  assertEquals(await Deno.readTextFile(`${temp.path}/to/folder/file`), "content\n");
});

Deno.test("recipe: a question gets its answer from an echo", async () => {
  const [echo] = recipe("Something to test a client against", { 7007: 0 });
  await using server = Coax.start(echo!.split(" ").slice(1));
  const port = Number((await server.address()).split(":").at(-1));
  const [ask] = recipe("Ask one question", { 7007: port });
  const { status, out } = await inShell([ask!], ".");
  assertEquals([status, out], [0, "ping\n"]);
});

Deno.test("recipe: a service is waited for", async () => {
  await using temp = await temporary();
  await Deno.writeTextFile(`${temp.path}/serve`, "#!/bin/sh\necho served\n", { mode: 0o755 });
  await using server = Coax.start(["echo", "127.0.0.1:0"]);
  const port = Number((await server.address()).split(":").at(-1));
  const [wait] = recipe("Wait for a service", { 5432: port });
  const { status, out } = await inShell([wait!], temp.path);
  assertEquals([status, out], [0, "served\n"]);
});

Deno.test("recipe: a port of a command", async () => {
  const [, command] = recipe("Make a port of something else", { 9000: 0 });
  await using relay = Coax.spawn(["bash", "-c", `exec ${shellLine([])} ${command!.slice(5)}`]);
  const { out } = await run(["client", await relay.address()], { stdin: "hello\n" });
  assertEquals(out, "HELLO\n");
});

Deno.test("the answer of explain can be typed as shown", async () => {
  await using temp = await temporary();
  const line = "ncat -c 'echo \"it is $((6 * 7))\"' -l 127.0.0.1 " + unusedPort();
  const { out } = await run(["explain", line]);
  const words = `coax() { ${shellLine([])} "$@"; }; ${out.split("\n")[0]} &`;
  const port = line.split(" ").at(-1)!;
  const ask = `coax client --retry forever ${quote(`127.0.0.1:${port}`)} </dev/null; wait`;
  await using shell = Coax.spawn(["bash", "-c", `${words}\n${ask}`], { cwd: temp.path });
  assertEquals((await shell.exit()).out, "it is 42\n");
});
