// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Makes the pictures of docs/pictures from real runs of coax: `COAX_BIN`, or from source. With
 * names it makes those alone. It also draws what others have recorded: see `USAGE`.
 */
import { parseArgs } from "@std/cli/parse-args";
import { drawChart } from "./bench/chart.ts";
import { readRows } from "./pictures/ansi.ts";
import { ladder, ladderOf } from "./pictures/ladder.ts";
import { page } from "./pictures/chat_page.ts";
import { panel } from "./pictures/panel.ts";
import { panelLadder } from "./pictures/panel_ladder.ts";
import { type Content, save } from "./pictures/save.ts";
import { drawTerminals } from "./pictures/terminal_svg.ts";
import { chat, hexdump, life } from "./pictures/terminals.ts";

const FOLDER = new URL("../docs/pictures/", import.meta.url);

/** Files by their names in the folder. */
type Files = Readonly<Record<string, Content>>;

const svg = (name: string, make: () => Promise<string>) => async (): Promise<Files> => ({
  [`${name}.svg`]: await make(),
});

/** What `deno task bench` has measured last. */
async function bench(): Promise<string> {
  const report = new URL("../docs/benchmarks.json", import.meta.url);
  const { results, runs } = JSON.parse(await Deno.readTextFile(report));
  return drawChart(results, runs);
}

/** What there is, by the names of the command line. */
const PICTURES: Readonly<Record<string, () => Promise<Files>>> = {
  ladder: svg("ladder", ladder),
  hexdump: svg("hexdump", hexdump),
  life: svg("life", life),
  chat: svg("chat", chat),
  page,
  panel,
  "panel-ladder": panelLadder,
  bench: svg("bench", bench),
};

const USAGE = `usage: deno task pictures [--out FOLDER] [NAME...]
       deno task pictures --ladder RECORDING [--lang en|zh] [--plain] > FILE.svg
       deno task pictures --terminal TITLE [--columns N] < SCREEN > FILE.svg

  NAME        ${Object.keys(PICTURES).join(", ")}; all by default
  --out       where to, instead of docs/pictures
  --ladder    draws a recording (coax … --record FILE); --plain: without explanations
  --terminal  draws a screen with its colors (tmux capture-pane -p -e), under a title`;

async function main(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const { _: names, ...options } = parseArgs(args, {
    string: ["_", "out", "ladder", "lang", "terminal", "columns"],
    boolean: ["plain"],
    unknown: (arg: string) => !arg.startsWith("-") || void unknown.push(arg),
  });
  unknown.push(...names.map(String).filter((name) => !Object.hasOwn(PICTURES, name)));
  if (unknown.length > 0) {
    console.error(`pictures: unknown: ${unknown.join(" ")}\n${USAGE}`);
    return 2;
  }
  try {
    if (options.ladder !== undefined) console.log(await drawnLadder(options));
    else if (options.terminal !== undefined) console.log(await drawnScreen(options));
    else await makeAll(names.map(String), String(options.out ?? ""));
    return 0;
  } catch (error) {
    console.error(`pictures: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

type Options = Readonly<Record<string, unknown>>;

async function drawnLadder({ ladder, lang, plain }: Options): Promise<string> {
  const picture = await ladderOf(`${ladder}`, { lang: `${lang ?? "en"}`, explain: plain !== true });
  return picture.trimEnd();
}

async function drawnScreen({ terminal, columns }: Options): Promise<string> {
  const rows = readRows(await new Response(Deno.stdin.readable).text());
  const longest = Math.max(...rows.flat().map(({ column, width }) => column + width));
  const title = `${terminal}`;
  const screen = { title, rows, columns: Number(columns ?? longest) };
  return drawTerminals([screen], title).trimEnd();
}

async function makeAll(names: readonly string[], out: string): Promise<void> {
  const folder = out ? new URL(`file://${await Deno.realPath(out)}/`) : FOLDER;
  for (const [name, make] of Object.entries(PICTURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const [file, content] of Object.entries(await make())) {
      const isWritten = await save(new URL(file, folder), content);
      console.error(`${file}: ${isWritten ? `${content.length} bytes` : "as it was"}`);
    }
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
