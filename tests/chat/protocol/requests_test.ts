import { assertEquals } from "@std/assert";
import { cutLine } from "../../../src/chat/protocol/lines.ts";
import {
  parseJson,
  parseLine,
  parseText,
  type Request,
} from "../../../src/chat/protocol/requests.ts";

const typed = (line: string) => parseLine(cutLine(line));
const json = (value: unknown) => parseJson(JSON.stringify(value));
const types = (requests: Request[]) => requests.map(({ type }) => type);

Deno.test("a line is a message, a command is carried out", () => {
  assertEquals(typed("hello"), [{ type: "say", text: "hello" }]);
  assertEquals(typed("/nick bob"), [{ type: "nick", text: "bob" }]);
  assertEquals(typed("/me  waves "), [{ type: "me", text: "waves" }]);
  assertEquals(typed("/msg bob see you"), [{ type: "msg", to: "bob", text: "see you" }]);
  for (const type of ["who", "help", "quit"] as const) assertEquals(typed(`/${type}`), [{ type }]);
});

Deno.test("an empty line sends nothing", () => {
  for (const line of ["", "  ", "\t"]) assertEquals(typed(line), []);
});

Deno.test("two slashes send one", () => {
  assertEquals(typed("//quit"), [{ type: "say", text: "/quit" }]);
});

Deno.test("an unknown or incomplete command is answered with a notice", () => {
  for (const line of ["/", "/nope", "/NICK x", "/nick", "/me", "/msg", "/msg bob", "/ who"]) {
    assertEquals(types(typed(line)), ["wrong"], line);
  }
});

Deno.test("a line is cut at 4 KiB, between two characters, and its author gets a notice", () => {
  const [said, notice] = typed("é".repeat(2048) + "x");
  assertEquals(said, { type: "say", text: "é".repeat(2048) });
  assertEquals(notice!.type, "wrong");
  assertEquals(types(typed("é".repeat(2048))), ["say"]);
  assertEquals(typed("a" + "é".repeat(2048))[0], { type: "say", text: "a" + "é".repeat(2047) });
  assertEquals(types(json({ type: "say", text: "x".repeat(4097) })), ["say", "wrong"]);
});

Deno.test("control and bidi characters are escaped; a tab stays", () => {
  assertEquals(typed("a\tb\x1b[2J\x9b1m\u202e\rx"), [
    { type: "say", text: "a\tb\\x1b[2J\\x9b1m\\u{202e}\\rx" },
  ]);
  assertEquals(json({ type: "me", text: "a\nb\u2028c" }), [{
    type: "me",
    text: "a\nb\\u{2028}c",
  }]);
});

Deno.test("JSON texts keep their lines; names and what is quoted don't", () => {
  const text = "\n \nif x:\r\n\ty\n\n\x1b\rend \n\n";
  const said = "if x:\n\ty\n\n\\x1b\\rend";
  assertEquals(json({ type: "say", text }), [{ type: "say", text: said }]);
  assertEquals(json({ type: "msg", to: "b\nc", text }), [{ type: "msg", to: "b\\nc", text: said }]);
  assertEquals(json({ type: "say", text: "  indented" }), [{ type: "say", text: "  indented" }]);
  assertEquals(types(json({ type: "say", text: "\n \r\n" })), ["wrong"]);
  assertEquals(parseText("/me waves\nand goes"), { type: "me", text: "waves\nand goes" });
  assertEquals(parseText("/x\ny").type, "wrong");
});

Deno.test("a text of too many lines is cut, and its author gets a notice", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `${n}`).join("\n");
  assertEquals(json({ type: "say", text: lines(200) }), [{ type: "say", text: lines(200) }]);
  const [said, notice] = json({ type: "say", text: lines(201) });
  assertEquals([said, notice!.type], [{ type: "say", text: lines(200) }, "wrong"]);
});

Deno.test("JSON asks for the same things", () => {
  assertEquals(json({ type: "say", text: "/who" }), [{ type: "say", text: "/who" }]);
  assertEquals(json({ type: "nick", text: "bob" }), [{ type: "nick", text: "bob" }]);
  assertEquals(json({ type: "msg", to: "bob", text: "x" }), [{
    type: "msg",
    to: "bob",
    text: "x",
  }]);
  assertEquals(json({ type: "who" }), [{ type: "who" }]);
});

Deno.test("JSON that asks for nothing is answered with a notice", () => {
  const wrong = [null, 1, "say", [], {}, { type: "say" }, { type: "say", text: 1 }]
    .concat([{ type: "say", text: " " }, { type: "msg", text: "x" }, { type: "quit" }] as never[]);
  for (const value of wrong) assertEquals(types(json(value)), ["wrong"], JSON.stringify(value));
  assertEquals(types(parseJson("{")), ["wrong"]);
  assertEquals(types(parseJson("[".repeat(100_000))), ["wrong"]);
});
