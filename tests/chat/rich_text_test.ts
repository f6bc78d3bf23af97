/** Links and code in what members say: nothing but http and https leads anywhere. */
import { assert, assertEquals } from "@std/assert";
import { richParts } from "../../src/chat/page/rich_text.ts";

/** Parts as text: links in angle brackets, code in braces, blocks of it in two. */
function shown(text: string): string {
  return richParts(text).map((part) => {
    if (part.is === "text") return part.text;
    if (part.is === "link") return `<${part.text}>`;
    return part.isBlock ? `{{${part.text}}}` : `{${part.text}}`;
  }).join("");
}

const CASES: readonly (readonly [text: string, shown: string])[] = [
  ["no link", "no link"],
  ["see https://a.example/b?c=d#e, ok", "see <https://a.example/b?c=d#e>, ok"],
  ["(http://a.example/x_(y)) http://b.example.", "(<http://a.example/x_(y)>) <http://b.example>."],
  ["http://a.example/x。", "<http://a.example/x>。"],
  ["HTTP://A.EXAMPLE!", "<HTTP://A.EXAMPLE>!"],
  ["http://[::1]:8080/x]", "<http://[::1]:8080/x>]"],
  ["http://127.0.0.1:8080/r/茶", "<http://127.0.0.1:8080/r/茶>"],
  ["xhttp://a.example", "xhttp://a.example"],
  [
    "javascript:alert(1) data:text/html,x file:///etc",
    "javascript:alert(1) data:text/html,x file:///etc",
  ],
  ["javascript:http://a.example/%0aalert(1)", "javascript:<http://a.example/%0aalert(1)>"],
  ["http:alert(1) http:/x http:// https://", "http:alert(1) http:/x http:// https://"],
  ["http://bank.example@evil.example/", "http://bank.example@evil.example/"],
  ["http://a.example/<script>", "<http://a.example/><script>"],
  ['http://a.example/"onclick=x', '<http://a.example/>"onclick=x'],
  ["http://a.example/\\u{202e}gpj.exe", "<http://a.example/>\\u{202e}gpj.exe"],
  ["http://evil.example/א.bank.example", "http://evil.example/א.bank.example"],
  ["http://مثال.إختبار/", "http://مثال.إختبار/"],
  ["http://999.999.999.999/", "http://999.999.999.999/"],
  ["look ```x = 1``` there", "look {x = 1} there"],
  ["```\nhttp://a.example\n\n  x\n```", "{{http://a.example\n\n  x}}"],
  ["a\n```js\nlet x;\n```\nb", "a\n{{let x;}}b"],
  ["```\none\n```\n```\ntwo\n```", "{{one}}{{two}}"],
  ["```\n\n```", "{{}}"],
  ["```c++ \nx++\n```", "{{x++}}"],
  ["```two words\nx\n```", "```two words\nx\n```"],
  ["see http://a.example/(b)).", "see <http://a.example/(b)>)."],
  ["[x](http://a.example/[1]).", "[x](<http://a.example/[1]>)."],
  ["``` never closed\nhttp://a.example", "``` never closed\n<http://a.example>"],
];

for (const [text, expected] of CASES) {
  Deno.test(`page: ${JSON.stringify(text).slice(0, 50)} has its links and code`, () => {
    assertEquals(shown(text), expected);
  });
}

Deno.test("page: a link leads to where it says, as a browser reads it", () => {
  const found = (text: string) =>
    richParts(text).flatMap((part) => part.is === "link" ? part.url : []);
  assertEquals(found("http://bücher.example/ä"), ["http://xn--bcher-kva.example/%C3%A4"]);
  assertEquals(found("https://аpple.com"), ["https://xn--pple-43d.com/"], "a Cyrillic letter");
  for (const [text] of CASES) {
    for (const url of found(text)) assert(/^https?:\/\//.test(url), url);
  }
});

Deno.test("page: no text is lost or takes long, whatever it is made of", () => {
  const pieces = [
    "http://",
    "a.example",
    "/",
    "(",
    ")",
    "]",
    "```",
    "\n",
    " ",
    ".",
    "x",
    "https://b",
  ];
  let state = 7;
  for (let round = 0; round < 2000; round++) {
    let text = "";
    for (let n = 0; n < 12; n++) {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      text += pieces[state % pieces.length];
    }
    const letters = (all: string) => all.replaceAll(/[`\s]/g, "");
    assertEquals(letters(richParts(text).map((part) => part.text).join("")), letters(text));
  }
  for (const piece of [...pieces, "http://a.example/(", "```x", "\n```\n"]) {
    const start = performance.now();
    richParts(piece.repeat(4096 / piece.length));
    assert(performance.now() - start < 5000, piece);
  }
});

Deno.test("page: the time for an address and for a fence grows with their length alone", () => {
  const start = performance.now();
  for (
    const [before, many, behind] of [
      ["http://a/", ".", "x"],
      ["http://a/", ").", ""],
      ["http://a/", "]", ")"],
      ["```", " ", "(x"],
    ]
  ) richParts(before! + many!.repeat(50_000) + behind);
  assert(performance.now() - start < 1000);
});
