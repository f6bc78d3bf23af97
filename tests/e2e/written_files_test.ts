/** Files that a command writes are none of those that it reads, or writes for something else. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { NULL, run, shellLine, temporary } from "./coax.ts";

const RECORDING = [
  { t: 0, id: 1, event: "open" },
  { t: 0, id: 1, event: "data", dir: "in", text: "Hello" },
].map((event) => `${JSON.stringify(event)}\n`).join("");

/** Command lines, most with `--force`, and what is wrong; files are those in a folder. */
const CASES: readonly [words: string, reason: string][] = [
  ["replay ./r --pcap ./r", "--pcap ./r: the same file as FILE ./r"],
  ["replay ./r --pcap ././r", "--pcap ././r: the same file as FILE ./r"],
  ["replay ./r --pcap ./soft", "--pcap ./soft: the same file as FILE ./r"],
  ["replay ./r --pcap ./hard", "--pcap ./hard: the same file as FILE ./r"],
  ["replay ./soft --svg ./r", "--svg ./r: the same file as FILE ./soft"],
  ["replay ./r --serve 0 --ready-file ./r", "--ready-file ./r: the same file as FILE ./r"],
  ["replay ./r --pcap ./new --svg ./new", "--svg ./new: the same file as --pcap ./new"],
  [
    "echo tls://127.0.0.1:0 --cert ./r --key ./r --record ./hard",
    "--record ./hard: the same file as --cert ./r",
  ],
  ["client 1 --record ./r", "--record ./r: the same file as stdin"],
  ["client file+read:./r --record ./r", "--record ./r: the same file as file+read:./r"],
  ["client file:./new --record ./new", "--record ./new: the same file as file:./new"],
  [
    "relay 0 file+read:./soft --record ./hard",
    "--record ./hard: the same file as file+read:./soft",
  ],
  ["relay file+read:./r file+append:./hard", "file+append:./hard: the same file as file+read:./r"],
  ["client FILE:./r", "FILE:./r: the same file as stdin"],
  ["echo 0 --allow @./r --record ./r", "--record ./r: the same file as --allow @./r"],
  ["echo 0 --deny 1.2.3.4,@./r --ready-file ./r", "--ready-file ./r: the same file as --deny @./r"],
  ["gate 0 --secret @./r --ready-file ./r", "--ready-file ./r: the same file as --secret @./r"],
  [
    "relay 0 http-proxy: --auth @./r --record ./hard",
    "--record ./hard: the same file as --auth @./r",
  ],
  [
    "chat 0 --history-file ./r --deny @./r",
    "--history-file ./r: the same file as --deny @./r",
  ],
];

Deno.test("no file is written that the same command reads, by whatever name", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/r`;
  await Deno.writeTextFile(file, RECORDING);
  await Deno.symlink("r", `${folder.path}/soft`);
  await Deno.link(file, `${folder.path}/hard`);
  const coax = (words: string, stdin: { file: string } | typeof NULL) =>
    run(
      [
        ...words.split(" "),
        .../--(?:record|pcap|svg) /.test(words) ? ["--force"] : [],
      ],
      { stdin, cwd: folder.path },
    );
  for (const [words, reason] of CASES) {
    const { status, stderr } = await coax(words, { file });
    const [name] = words.split(" ");
    assertEquals([status, stderr], [2, `coax: ${reason}. Try 'coax ${name} --help'\n`]);
    assertEquals(await Deno.readTextFile(file), RECORDING);
  }
  for (const words of ["--pcap /dev/null --svg /dev/null", "--svg --pcap ./new"]) {
    const { status, stderr } = await coax(`replay ./r ${words}`, NULL);
    assertEquals(status, 0, stderr);
  }
});

/** Redirections to a file, and what each is refused with. */
const REDIRECTED: [words: string, to: string, reason: string][] = [
  ["client file+read:./r", ">> r", "file+read:./r: the same file as stdout"],
  ["relay file:hard -", ">> r", "file:hard: the same file as stdout"],
  ["replay r --draw", ">> soft", "FILE r: the same file as stdout"],
  ["client exec:true --record r --force", ">> r", "--record r: the same file as stdout"],
  ["client -v exec:true --record r --force", "2>> r", "--record r: the same file as stderr"],
  ["echo 0 --ready-file ./r", "2>> soft", "--ready-file ./r: the same file as stderr"],
];

for (const [words, to, reason] of REDIRECTED) {
  Deno.test(`no file is written that stdout or stderr is, nor read: ${words} ${to}`, async () => {
    await using folder = await temporary();
    await Deno.writeTextFile(`${folder.path}/r`, RECORDING);
    await Deno.symlink("r", `${folder.path}/soft`);
    await Deno.link(`${folder.path}/r`, `${folder.path}/hard`);
    const { code, stderr } = await shell(`${shellLine(words.split(" "))} ${to}`, folder.path);
    const left = await Deno.readTextFile(`${folder.path}/r`);
    const said = new TextDecoder().decode(stderr) + left.slice(RECORDING.length);
    assertEquals([code, left.slice(0, RECORDING.length)], [2, RECORDING]);
    assertStringIncludes(said, `coax: ${reason}. Try`);
  });
}

Deno.test("stdout and stderr may be one file, and the end of what is appended to", async () => {
  await using folder = await temporary();
  const line = `${shellLine(["relay", "-", "file+append:r"])} >> r 2>&1; cat r`;
  const { code, stdout } = await shell(line, folder.path);
  assertEquals([code, new TextDecoder().decode(stdout)], [0, ""]);
});

async function shell(line: string, cwd: string): Promise<Deno.CommandOutput> {
  return await new Deno.Command("sh", { args: ["-c", line], cwd, stdin: "null" }).output();
}
