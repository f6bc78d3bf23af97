/** Ladder diagrams of one connection of a recording. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { run, temporary } from "./coax.ts";

/** English, whatever the machine speaks. */
const ENGLISH = { LC_ALL: "C.UTF-8", NO_COLOR: "" };

/** A recording of connections with these ids, each of which says its own. */
function recordingOf(ids: readonly number[]): string {
  return ids.flatMap((id) =>
    [
      { event: "open", dir: "in", peer: `127.0.0.1:${id}` },
      { event: "data", dir: "in", text: `I am ${id}.` },
      { event: "half-close", dir: "in" },
    ].map((event, i) => JSON.stringify({ t: id + i / 10, id, ...event }) + "\n")
  ).join("");
}

Deno.test("one connection of a recording is drawn, explained and pictured alone", async () => {
  await using temp = await temporary();
  const [path, alone] = [`${temp.path}/r`, `${temp.path}/alone`];
  await Deno.writeTextFile(path, recordingOf([3, 7, 12]));
  await Deno.writeTextFile(alone, recordingOf([7]));
  const output = async (...words: string[]) =>
    (await run(["replay", ...words], { env: ENGLISH })).out;
  for (const how of [["--draw"], ["--draw", "--explain"], ["--svg"], ["--svg", "--lang", "zh"]]) {
    const drawn = await output(path, ...how, "--connection", "7");
    assertMatch(drawn, /I am 7\./);
    assertEquals(drawn, await output(alone, ...how), how.join(" "));
  }
});

Deno.test("sizes of a drawing have the same marks in every language", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  const events = [
    { event: "open", dir: "in", peer: "127.0.0.1:1" },
    { event: "data", dir: "in", text: "x".repeat(1234) },
  ];
  await Deno.writeTextFile(
    path,
    events.map((event, i) => JSON.stringify({ t: i, id: 1, ...event }) + "\n").join(""),
  );
  for (const language of ["C.UTF-8", "de_DE.UTF-8", "ar_EG.UTF-8"]) {
    const env = { LC_ALL: language, LANG: language, NO_COLOR: "" };
    assertMatch((await run(["replay", path, "--draw"], { env })).out, / 1\.23 kB/, language);
  }
});

Deno.test("a connection that a recording hasn't is status 2, with those that it has", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  const even = Array.from({ length: 500 }, (_, i) => 2 * i + 2);
  for (
    const [ids, has] of [
      [[1], "connection 1"],
      [[5, 1, 2, 3, 8, 9], "connections 1-3, 5, 8, 9"],
      [even, "connections 2, 4, 6, 8, 10, 12, 14, 16 and 492 more"],
      [[...even, 9000, 9001, 9002], "connections 2, 4, 6, 8, 10, 12, 14, 16 and 495 more"],
    ] as [number[], string][]
  ) {
    await Deno.writeTextFile(path, recordingOf(ids));
    for (const how of [["--draw"], ["--svg", `${temp.path}/svg`]]) {
      const { status, out, stderr } = await run(["replay", path, ...how, "--connection", "77777"]);
      const expected = `coax: --connection 77777: ${path} has ${has}. Try 'coax replay --help'\n`;
      assertEquals([status, out, stderr], [2, "", expected]);
    }
  }
  assert(!existsSync(`${temp.path}/svg`));
});
