/** `-` as a file: stdin where it is read, stdout where it is written, and never a file's name. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Coax, NULL, run, temporary } from "./coax.ts";

const RECORDING = [
  { t: 0, id: 1, event: "open", dir: "in" },
  { t: 0, id: 1, event: "data", dir: "in", text: "Hello" },
  { t: 1, id: 1, event: "data", dir: "out", text: "Hello" },
  { t: 2, id: 1, event: "half-close", dir: "in" },
  { t: 2, id: 1, event: "half-close", dir: "out" },
  { t: 2, id: 1, event: "close" },
].map((event) => `${JSON.stringify(event)}\n`).join("");

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name);

Deno.test("replay - reads a recording, or a capture, from stdin", async () => {
  await using temp = await temporary();
  const cwd = temp.path;
  const drawn = await run(["replay", "-", "--draw"], { cwd, stdin: RECORDING });
  assertEquals([drawn.status, drawn.stderr], [0, ""]);
  assertStringIncludes(drawn.out, "Hello");
  const capture = (await run(["replay", "-", "--pcap", "-"], { cwd, stdin: RECORDING })).stdout;
  const again = await run(["replay", "-", "--from-pcap", "--draw"], { cwd, stdin: capture });
  assertEquals([again.status, again.stderr], [0, ""]);
  assertStringIncludes(again.out, "Hello");
  assertEquals(namesIn(cwd), []);
});

Deno.test("replay - says the recording of stdin to an address, and checks the answer", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const address = await echo.address();
  const { status, stderr } = await run(["replay", "-", address, "--check"], { stdin: RECORDING });
  assertEquals(status, 0, stderr);
});

Deno.test("a recording from stdin that is none is called stdin", async () => {
  for (
    const [stdin, reason] of [
      [NULL, "no connection was recorded"],
      ["nonsense\n\n", "line 1: .*"],
    ] as const
  ) {
    const { status, stderr } = await run(["replay", "-", "--draw"], { stdin });
    assertEquals(status, 10);
    assertMatch(stderr, new RegExp(`^coax: read stdin: ${reason}\n$`));
  }
});

Deno.test("--pcap - and --svg - write to stdout what they write to a file", async () => {
  await using temp = await temporary();
  const cwd = temp.path;
  for (const option of ["--pcap", "--svg"]) {
    const file = await run(["replay", "-", option, "./-"], { cwd, stdin: RECORDING });
    assertEquals([file.status, file.out], [0, ""], file.stderr);
    const printed = await run(["replay", "./r", option, "-"], { cwd, stdin: RECORDING });
    assertEquals(printed.status, 10); // There is no ./r.
    const exit = await run(["replay", "-", option, "-"], { cwd, stdin: RECORDING });
    assertEquals([exit.status, exit.stderr], [0, ""]);
    assertEquals(exit.stdout, await Deno.readFile(`${cwd}/-`));
    assert(exit.stdout.length > 0);
    await Deno.remove(`${cwd}/-`);
  }
});

const ONE = " needs a FILE beside --\\w+, which writes to stdout as well";
const WRITTEN = " it can't go to stdout; a file of that name is \\./-";
const READ = " it can't be stdin; a file of that name is \\./-";

for (
  const [line, said] of [
    ["replay - --draw --svg", `--svg:${ONE}`],
    ["replay - --draw --pcap -", `--pcap:${ONE}`],
    ["replay - --svg --pcap -", `--pcap:${ONE}`],
    ["client 1 --record -", `--record -:${WRITTEN}`],
    ["relay 0 1 --record -", `--record -:${WRITTEN}`],
    ["echo 0 --ready-file -", `--ready-file -:${WRITTEN}`],
    ["chat 0 --history-file -", `--history-file -:${WRITTEN}`],
    ["echo tls://0 --cert - --key -", `--cert -:${READ}`],
    ["client tls://127.0.0.1:1 --ca -", `--ca -:${READ}`],
    ["control --config -", `--config -:${READ}`],
  ] as const
) {
  Deno.test(`- is no file's name, and two things aren't printed at once: ${line}`, async () => {
    await using temp = await temporary();
    const { status, out, stderr } = await run(line.split(" "), {
      cwd: temp.path,
      stdin: RECORDING,
    });
    assertEquals([status, out], [2, ""], stderr);
    assertMatch(stderr, new RegExp(`^coax: ${said}`));
    assertEquals(namesIn(temp.path), []);
  });
}
