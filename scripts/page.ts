// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Builds the pages for browsers, each with style and program in one document, as modules that work
 * from source and in a binary: `built.ts` beside their files. With `--check`, fails if one of those
 * is out of date: with the pinned Deno, since another may choose other short names.
 */
import { PINNED } from "./deno_versions.ts";
import { type Page, PAGES } from "./pages.ts";

const ROOT = new URL("../", import.meta.url);
const STYLE = "page.css";

async function build({ folder, program }: Page): Promise<string> {
  const root = new URL(folder, ROOT);
  const html = await Deno.readTextFile(new URL("index.html", root));
  const style = await bundle(root, STYLE);
  const script = await bundle(root, program);
  if (/<\/(?:script|style)|<!--/i.test(style + script)) {
    throw new Error(`${folder}: the style or the program would end its element too early`);
  }
  const page = put(
    put(shorten(html), `<link rel="stylesheet" href="${STYLE}">`, "style", style),
    `<script type="module" src="${program}"></script>`,
    "script",
    script,
  );
  return [
    "/** Made by `deno task page` from the other files of this folder: change those. */",
    ...constant("PAGE", "The document, with its style and its program.", page),
    ...constant("STYLE", "Hash of the style, as a policy names it.", await hash(style)),
    ...constant("SCRIPT", "Hash of the program.", await hash(script)),
    ...constant("TAG", "Changes with the document.", await hash(page)),
  ].join("\n") + "\n";
}

function constant(name: string, meaning: string, value: string): string[] {
  return [`/** ${meaning} */`, `export const ${name} = ${JSON.stringify(value)};`];
}

/** Removes white space between elements. */
function shorten(html: string): string {
  return html.replace(/\s*\n\s*/g, " ").replace(/> </g, "><").replace(/" >/g, '">').trim();
}

function put(html: string, mark: string, element: string, content: string): string {
  const [before, after, ...more] = html.split(mark);
  if (after === undefined || more.length > 0) throw new Error(`expected once: ${mark}`);
  const type = element === "script" ? ' type="module"' : "";
  return `${before}<${element}${type}>${content}</${element}>${after}`;
}

async function bundle(root: URL, file: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", file],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return decoder.decode(stdout).trim();
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}

if (Deno.args.includes("--check") && Deno.version.deno !== PINNED) {
  console.error(`page: Deno ${PINNED} compares the built pages, not ${Deno.version.deno}`);
  Deno.exit();
}
let isOld = false;
for (const page of PAGES) {
  const path = `${page.folder}built.ts`;
  const file = new URL(path, ROOT);
  const built = await build(page);
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(file, built);
    console.error(`${path}: ${built.length} characters`);
  } else if (built !== await Deno.readTextFile(file).catch(() => "")) {
    console.error(`page: ${path} is old: run \`deno task page\``);
    isOld = true;
  }
}
if (isOld) Deno.exit(1);
