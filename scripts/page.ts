// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Builds the page of the chat, with style and program in one document, as a module that works from
 * source and in a binary: `src/chat/page/built.ts`. With `--check`, fails if that file is out of
 * date.
 */
const PAGE = new URL("../src/chat/page/", import.meta.url);
const BUILT = new URL("built.ts", PAGE);

const PLACEHOLDERS = {
  style: '<link rel="stylesheet" href="page.css">',
  script: '<script type="module" src="main.ts"></script>',
};

async function build(): Promise<string> {
  const html = await Deno.readTextFile(new URL("index.html", PAGE));
  const style = await bundle("page.css");
  const script = await bundle("main.ts");
  if (/<\/(?:script|style)|<!--/i.test(style + script)) {
    throw new Error("the style or the program would end its element too early");
  }
  const page = put(
    put(shorten(html), PLACEHOLDERS.style, "style", style),
    PLACEHOLDERS.script,
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

async function bundle(file: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", file],
    cwd: PAGE,
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

const built = await build();
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(BUILT, built);
  console.error(`page: ${built.length} characters`);
} else if (built !== await Deno.readTextFile(BUILT).catch(() => "")) {
  console.error("page: src/chat/page/built.ts is old: run `deno task page`");
  Deno.exit(1);
}
