import { assertEquals, assertMatch } from "@std/assert";
import type { Fact } from "../../../src/chat/bus/facts.ts";
import { Outbox } from "../../../src/chat/bus/outbox.ts";
import { decodeMessage, encodeMessage, subjectToken } from "../../../src/chat/bus/wire.ts";
import { encode } from "../../support/connections.ts";

const decode = (facts: unknown, process: unknown = "a1", first: unknown = 1) =>
  decodeMessage(encode(JSON.stringify({ process, first, facts })));
const say = { type: "say", id: "a1.7", from: "ann", text: "hello" };

Deno.test("every fact travels as it is", () => {
  const facts: Fact[] = [
    { type: "join", id: "a1.7", name: "ann" },
    { type: "rename", id: "a1.7", from: "ann", name: "Änn" },
    { type: "say", id: "a1.7", from: "ann", text: "日本\thello \\x1b" },
    { type: "me", id: "a1.7", from: "ann", text: "waves" },
    { type: "msg", id: "a1.7", from: "ann", to: "b2.1", name: "bob", text: "psst" },
    { type: "leave", id: "a1.7", from: "ann", why: "too slow" },
    { type: "here", process: "a1", members: [["a1.7", "ann"]] },
    { type: "gone", process: "b2" },
  ];
  const parcel = { process: "a1", first: 3, facts };
  assertEquals(decodeMessage(encodeMessage(parcel)), parcel);
});

Deno.test("a message that isn't coax's is ignored", () => {
  const bad = ["", "{", "null", "[]", "1", '{"process":"a1"}', "\xff".repeat(9)];
  for (const text of bad) assertEquals(decodeMessage(encode(text)), undefined, text);
  assertEquals(decode([say], "A!"), undefined);
  assertEquals(decode([say], "a1", 1.5), undefined);
  assertEquals(decode("facts"), undefined);
  const wrong = [null, {}, { ...say, type: "x" }, { ...say, text: 1 }, { ...say, from: "a b" }]
    .concat([{ ...say, id: "7" }, { ...say, from: "" }, { ...say, text: null }] as never[]);
  for (const fact of wrong) assertEquals(decode([fact]), undefined, JSON.stringify(fact));
  assertEquals(decode([{ type: "here", members: [["a1.1", "\x1b"]] }]), undefined);
});

Deno.test("a process can't send for another process's members", () => {
  assertEquals(decode([{ ...say, id: "b2.7" }]), undefined);
  assertEquals(decode([{ type: "here", members: [["b2.1", "bob"]] }]), undefined);
});

Deno.test("what comes from the bus is made safe to show", () => {
  const parcel = decode([{ ...say, text: "\x1b]0;x\x07\u202e\r\nb" }])!;
  assertEquals((parcel.facts[0] as { text: string }).text, "\\x1b]0;x\\x07\\u{202e}\\r\nb");
  assertEquals(decode([{ ...say, text: "\n".repeat(200) }]), undefined);
  const left = decode([{ type: "leave", id: "a1.7", from: "ann", why: "a\nb" }])!;
  assertEquals((left.facts[0] as { why: string }).why, "a\\nb");
});

Deno.test("any room's name is one word of a subject, and no two are the same", () => {
  const names = ["main", "*", ">", "a.b", "カフェ", "A", "a", "\u{1f600}"];
  const words = names.map(subjectToken);
  for (const word of words) assertMatch(word, /^[\w-]+$/);
  assertEquals(new Set(words).size, names.length);
});

Deno.test("no message brings more than members can be sent at once", () => {
  const line = "\x01".repeat(4096);
  assertEquals(decode([{ ...say, text: line }])!.facts.length, 1);
  assertEquals(decode([{ ...say, text: line + "x" }]), undefined);
  assertEquals(decode([{ ...say, type: "leave", why: line + "x" }]), undefined);
  const facts = Array(400).fill({ ...say, text: "é".repeat(100) });
  assertEquals(decode(facts)!.facts.length, 400);
  assertEquals(decode([...facts, ...facts]), undefined);
});

Deno.test("what an outbox makes of the longest lines is taken", () => {
  const outbox = new Outbox();
  for (let i = 0; i < 200; i++) {
    const text = "\u{1f600}".repeat(1 + (i * 37) % 1024);
    outbox.add({ type: "say", id: "a1.7", from: "\u{1f600}".repeat(32), text });
  }
  let taken = 0;
  for (let batch = outbox.next(); batch; batch = outbox.next()) {
    const facts = batch.entries.map(({ fact }) => fact);
    taken += decodeMessage(encodeMessage({ process: "a1", first: 1, facts }))?.facts.length ?? 0;
  }
  assertEquals(taken, 200);
});
