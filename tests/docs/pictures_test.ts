/** Pictures in the documentation: there, described, small, and nothing but pictures. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { textsOf } from "../ladder/xml.ts";
import { readPage } from "./page.ts";

const ROOT = new URL("../../", import.meta.url);

/** Bytes. */
const LARGEST = { svg: 100_000, png: 300_000, webp: 300_000 };

interface Shown {
  readonly page: string;
  /** From the root. */
  readonly path: string;
  /** Undefined where another picture of the same element has it. */
  readonly alt?: string;
}

const MARKDOWN = /!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/g;
const ELEMENT = /<(img|source)\b([^>]*)>/g;

/** What a page shows, in Markdown and in HTML. */
function shownOn(page: string, text: string): Shown[] {
  const path = (link: string) => new URL(link, new URL(page, "file:///")).pathname.slice(1);
  const attribute = (name: string, text: string) =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
  return [
    ...[...text.matchAll(MARKDOWN)].map(([, alt, link]) => ({ page, path: path(link!), alt })),
    ...[...text.matchAll(ELEMENT)].map(([, tag, attributes]) => {
      const link = attribute(tag === "img" ? "src" : "srcset", attributes!) ?? "";
      const alt = tag === "img" ? attribute("alt", attributes!) ?? "" : undefined;
      return { page, path: path(link), alt };
    }),
  ];
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}${name}/`) : [`${folder}${name}`]
  );
}

const files = filesIn("docs/");
const pages = ["README.md", ...files.filter((file) => file.endsWith(".md"))];
const shown = pages.flatMap((page) => shownOn(page, readPage(page)));
const pictures = files.filter((file) => /\.(svg|png|webp|jpe?g|gif)$/.test(file));

Deno.test("every picture that a page shows is a file of docs, and every one there is shown", () => {
  assertEquals(new Set(shown.map(({ path }) => path)), new Set(pictures));
});

Deno.test("every picture is described in words, for those who don't see it", () => {
  for (const { page, path, alt } of shown) {
    if (alt !== undefined) assert(alt.length >= 20, `${path} on ${page}: "${alt}"`);
  }
});

Deno.test("pictures are small", () => {
  for (const file of pictures) {
    const most = LARGEST[file.split(".").at(-1) as keyof typeof LARGEST];
    const { size } = Deno.statSync(new URL(file, ROOT));
    assert(size > 0 && size < most, `${file}: ${size} bytes`);
  }
});

/** What a picture mustn't have: programs, other documents, other places. */
const FORBIDDEN = [
  /<(script|foreignObject|image|use|a|iframe|animate|set)\b/i,
  /\son\w+\s*=/i,
  /\b(href|src)\s*=/i,
  /url\(|@import|javascript:/i,
  /<[!?]/,
];

/** Fails unless it is one picture in SVG, and nothing more. */
function assertHarmless(svg: string, name: string): void {
  const markup = svg.replaceAll(/>[^<]*</g, "><"); // Text that only talks of them is none of them.
  assertMatch(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]* viewBox="/, name);
  for (const pattern of FORBIDDEN) assert(!pattern.test(markup), `${name}: ${pattern}`);
  const styles = [...svg.matchAll(/<style>([^<]*)<\/style>/g)].map(([, style]) => style!);
  for (const style of styles) assert(!/url\(|@import/i.test(style), `${name}: ${style}`);
  assert(textsOf(svg).length > 0, name);
}

for (const file of pictures.filter((file) => file.endsWith(".svg"))) {
  Deno.test(`${file} is well-formed, and has no program and nothing from elsewhere`, () => {
    assertHarmless(Deno.readTextFileSync(new URL(file, ROOT)), file);
  });
}

Deno.test("a picture with more in it than a picture is found", () => {
  const svg = (content: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>x</text>${content}</svg>`;
  assertHarmless(svg("<text>on a = href=</text>"), "good");
  for (
    const bad of [
      "<script>1</script>",
      '<rect onclick="x"/>',
      '<rect href="x"/>',
      "<style>@import 'x'</style>",
      '<rect fill="url(http://x)"/>',
      "<g>",
      "<text>&nbsp;</text>",
      "<!-- -->",
    ]
  ) {
    let isFound = false;
    try {
      assertHarmless(svg(bad), bad);
    } catch {
      isFound = true;
    }
    assert(isFound, bad);
  }
});

Deno.test("pictures are found in Markdown and in HTML", () => {
  const html =
    '<picture><source media="x" srcset="b.webp"><img alt="Two" src="../c.webp"></picture>';
  assertEquals(shownOn("docs/x.md", `![One](a/b.svg)\n${html}`), [
    { page: "docs/x.md", path: "docs/a/b.svg", alt: "One" },
    { page: "docs/x.md", path: "docs/b.webp", alt: undefined },
    { page: "docs/x.md", path: "c.webp", alt: "Two" },
  ]);
});
