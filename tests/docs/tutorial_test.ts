/** The tutorial's two languages, its programs, its tables and its ladders agree. */
import { assert, assertEquals } from "@std/assert";
import { LANGUAGES, pictureOf } from "../../scripts/tutorial.ts";
import { available, testWith } from "../interop/peer_program.ts";
import {
  inChinese,
  type Lesson,
  LESSONS,
  lessonsIn,
  lessonsOf,
  withoutComments,
} from "./lesson.ts";
import { readPage } from "./page.ts";

const FOLDER = new URL("../../docs/tutorial/", import.meta.url);

/** What both languages must have alike: all but the prose, outputs, and comments of programs. */
function stepsOf(lessons: readonly Lesson[]) {
  return lessons.map(({ blocks }) =>
    blocks.map((block) =>
      block.kind === "file"
        ? { ...block, text: withoutComments(block.text) }
        : { ...block, printed: block.printed !== undefined }
    )
  );
}

for (const page of LESSONS) {
  Deno.test(`${page} takes the same steps in both languages`, () => {
    assertEquals(stepsOf(lessonsIn(inChinese(page))), stepsOf(lessonsIn(page)));
  });
}

const programs = LESSONS.flatMap((page) => lessonsIn(page))
  .flatMap(({ blocks }) => blocks).filter((block) => block.kind === "file");

/** Runs a checker on the tutorial's programs in a language. */
async function check(language: string, words: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const own = programs.filter((program) => program.language === language);
    for (const { name, text } of own) await Deno.writeTextFile(`${folder}/${name}`, text);
    const [command, ...args] = [...words, ...own.map(({ name }) => name)];
    const { success, stderr } = await new Deno.Command(command!, { args, cwd: folder }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("each program has a name of its own", () => {
  const names = programs.map(({ name }) => name);
  assertEquals(names, [...new Set(names)]);
});

Deno.test("programs in TypeScript pass Deno's checks", async () => {
  await check("ts", [Deno.execPath(), "check", "--quiet", "--no-config"]);
  await check("ts", [Deno.execPath(), "lint", "--quiet", "--no-config"]);
});

testWith(
  { name: "python3", available: available("python3", ["--version"], /3\.[1-9]\d/) },
  "programs in Python compile",
  () => check("python", ["python3", "-W", "error", "-m", "py_compile"]),
);

testWith(
  { name: "cc", available: available("cc", ["--version"], /./) },
  "programs in C compile without a warning",
  () => check("c", ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]),
);

Deno.test("the table of a socket's life says what -v prints and what the programs call", () => {
  const page = "docs/tutorial/1-socket.md";
  const blocks = lessonsIn(page).flatMap(({ blocks }) => blocks);
  const printed = blocks.map((block) => block.kind === "shell" ? block.printed : "").join("");
  const programIn = (wanted: string) =>
    blocks.map((block) => block.kind === "file" && block.language === wanted ? block.text : "")
      .join("");
  const columns = [printed, programIn("c"), programIn("ts"), programIn("python"), programIn("c")];
  for (const name of [page, inChinese(page)]) {
    const rows = readPage(name).split("\n").filter((line) => /^\| [^-]/.test(line)).slice(1);
    assert(rows.length > 9, name);
    for (const row of rows) {
      const cells = row.split("|").slice(2, 7);
      for (const [i, cell] of cells.entries()) {
        const parts = [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code!.split("…"));
        for (const part of parts) assert(columns[i]!.includes(part), `${part} in ${row}`);
      }
    }
  }
});

/** What is in the folder of ladders. */
const files = [...Deno.readDirSync(new URL("ladders/", FOLDER))].map(({ name }) => name);

for (const name of files.filter((file) => file.endsWith(".jsonl"))) {
  const ladder = name.replace(".jsonl", "");
  Deno.test(`the ladder ${ladder} is what coax draws of its recording: deno task tutorial`, async () => {
    for (const [lang, ending] of LANGUAGES) {
      const picture = await Deno.readTextFile(new URL(`ladders/${ladder}${ending}`, FOLDER));
      assertEquals(picture, await pictureOf(ladder, lang), `${ladder}${ending}`);
    }
  });
}

Deno.test("every recording is a ladder of a page, and every ladder has its recording", () => {
  const shown = LESSONS.flatMap(lessonsIn).flatMap(({ blocks }) =>
    blocks.flatMap((block) => block.kind === "shell" ? block.ladders : [])
  );
  const recorded = files.filter((file) => file.endsWith(".jsonl"));
  assertEquals(shown.map((name) => `${name}.jsonl`).toSorted(), recorded.toSorted());
});

Deno.test("a page is read as lessons with files, blocks to paste, outputs and ladders", () => {
  const page = [
    "# A\n```sh\n# a comment\nx &\n```\ntext\n```text\n# out\n```\n",
    "![a ladder](ladders/b-c.zh-CN.svg)\n## B\n```c\n/* d.c */\nint x;\n```\n",
  ].join("");
  assertEquals(lessonsOf(page), [
    {
      heading: "A",
      blocks: [{ kind: "shell", text: "# a comment\nx &\n", printed: "# out\n", ladders: ["b-c"] }],
    },
    {
      heading: "B",
      blocks: [{ kind: "file", name: "d.c", language: "c", text: "/* d.c */\nint x;\n" }],
    },
  ]);
});

Deno.test("a block can be pasted again: recordings are overwritten, and no old file says ready", () => {
  for (const { blocks } of LESSONS.flatMap(lessonsIn)) {
    for (const block of blocks) {
      const text = block.kind === "shell" ? block.text : "";
      const kept = text.match(/--(?:record|pcap) \S+(?! --force)(?=\s)/g) ?? [];
      assertEquals(kept, [], text);
      assertEquals(text.includes("--ready-file ready"), text.includes("rm -f ready\n"), text);
    }
  }
});
