import { assertEquals, assertThrows } from "@std/assert";
import { formatEvent, type LineEvent, parseEvents } from "../../src/record/event.ts";
import { encode } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";

const common = { t: 1.25, id: 3 };

/** The keys and values of a line. */
function written(event: LineEvent): Record<string, unknown> {
  const line = formatEvent(event);
  assertEquals(line.indexOf("\n"), line.length - 1);
  return JSON.parse(line);
}

function data(bytes: Uint8Array, text?: boolean): LineEvent {
  return { ...common, event: "message", dir: "in", payload: { data: bytes, text } };
}

Deno.test("each event is one JSON object with the keys that apply to it", () => {
  const events: LineEvent[] = [
    { ...common, event: "open", dir: "in", peer: "127.0.0.1:4242" },
    { ...common, event: "open", dir: "in", peer: "127.0.0.1:4242", at: "out" },
    { ...common, event: "open", dir: "in", local: "127.0.0.1:9000", transport: "ws" },
    { ...common, event: "half-close", dir: "out" },
    { ...common, event: "close", dir: "in", code: 1000 },
    { ...common, event: "close", dir: "in" },
    { ...common, event: "close", dir: "in", reset: true },
    { ...common, event: "error", text: "reset by peer", status: 1, own: true },
  ];
  for (const event of events) assertEquals(written(event), { ...event });
  assertEquals(written({ ...common, event: "data", dir: "in", payload: { data: encode("ä\n") } }), {
    ...common,
    event: "data",
    dir: "in",
    text: "ä\n",
  });
});

Deno.test("steps are in the line of the next event, and are read before it", () => {
  const steps = [
    { t: 0.5, step: "connect", leg: "target", address: "127.0.0.1:9" },
    { t: 0.7, step: "retry", leg: "target", text: "refused", seconds: 0.2 },
  ] as const;
  const open = { ...common, event: "open", dir: "in" } as const;
  const line = formatEvent(open, steps);
  assertEquals(JSON.parse(line), { ...open, steps });
  const read = parseEvents(line).map((event) => JSON.parse(JSON.stringify(event)));
  const events = steps.map((step) => ({ ...step, id: common.id, event: "step" }));
  assertEquals(read, [...events, open]);
});

Deno.test("a step can have a line of its own, and what is omitted is in that of the opening", () => {
  const step = {
    event: "step",
    step: "retry",
    leg: "target",
    text: "refused",
    seconds: 1,
  } as const;
  const omitted = { in: 5, out: 0, limit: "connection" } as const;
  for (const event of [{ ...common, ...step }, { ...common, event: "open", omitted } as const]) {
    const read = parseEvents(formatEvent(event)).map((one) => JSON.parse(JSON.stringify(one)));
    assertEquals(read, [event]);
  }
});

Deno.test("what isn't UTF-8, or is half a character, is base64", () => {
  for (const bytes of [[0xff], [0xc3], [0xa4, 0x41], [0xed, 0xa0, 0x80]]) {
    const { base64, text } = written(data(Uint8Array.from(bytes)));
    assertEquals([base64, text], [btoa(String.fromCharCode(...bytes)), undefined]);
  }
});

Deno.test("a binary message is base64 even where it could be text, and a text message text", () => {
  assertEquals(written(data(encode("a"), false)).base64, "YQ==");
  assertEquals(written(data(encode("a"), true)).text, "a");
  assertEquals(written(data(encode("a"))).text, "a");
});

Deno.test("no byte is lost on the way to a line and back", () => {
  const texts = ["", "\ufefffirst", '\u2028\u0000\u001b[1m"\\', "😀"].map(encode);
  for (const bytes of [...texts, randomBytes(1000), Uint8Array.from(Array(256).keys())]) {
    const [back] = parseEvents(formatEvent(data(bytes)));
    assertEquals(back?.event === "message" && back.payload.data, bytes);
  }
});

Deno.test("the error for a malformed event names what was expected", () => {
  const wrong: [line: string, expected: string][] = [
    ["", "a JSON object"],
    ["[1", "a JSON object"],
    ["null", "a JSON object"],
    [`{"t":"1","id":1,"event":"open"}`, `"t"`],
    [`{"t":-1,"id":1,"event":"open"}`, `"t"`],
    [`{"t":1,"id":0,"event":"open"}`, `"id"`],
    [`{"t":1,"id":1,"event":"opened"}`, `"open"`],
    [`{"t":1,"id":1,"event":"data","text":"x"}`, `"dir"`],
    [`{"t":1,"id":1,"event":"data","dir":"in"}`, `"text" or "base64"`],
    [`{"t":1,"id":1,"event":"data","dir":"in","base64":"?"}`, `"text" or "base64"`],
    [`{"t":1,"id":1,"event":"data","dir":"in","text":"\\ud800"}`, `"text" or "base64"`],
    [`{"t":1,"id":1,"event":"data","dir":"in","text":"","base64":""}`, `"text" or "base64"`],
    [`{"t":1,"id":1,"event":"close","code":"1000"}`, `"code"`],
    [`{"t":1,"id":1,"event":"open","peer":1}`, `"peer"`],
    [`{"t":1,"id":1,"event":"open","at":"up"}`, `"at"`],
    [`{"t":1,"id":1,"event":"open","transport":"tcp"}`, `"transport"`],
    [`{"t":1,"id":1,"event":"step"}`, `"step"`],
    [`{"t":1,"id":1,"event":"open","omitted":1}`, `"omitted"`],
    [`{"t":1,"id":1,"event":"open","omitted":{"in":1,"out":-1}}`, `"omitted"`],
    [`{"t":1,"id":1,"event":"close","steps":1}`, `"steps"`],
    [`{"t":1,"id":1,"event":"close","steps":[1]}`, `"steps"`],
    [`{"t":1,"id":1,"event":"close","steps":[{"step":"x","leg":"client"}]}`, `"t"`],
    [`{"t":1,"id":1,"event":"close","steps":[{"t":1,"leg":"client"}]}`, `"step"`],
    [`{"t":1,"id":1,"event":"close","steps":[{"t":1,"step":"x","leg":"up"}]}`, `"leg"`],
    [
      `{"t":1,"id":1,"event":"close","steps":[{"t":1,"step":"x","leg":"target","seconds":-1}]}`,
      `"seconds"`,
    ],
    [`{"t":1,"id":1,"event":"close","reset":1}`, `"reset"`],
    [`{"t":1,"id":1,"event":"error","status":"1"}`, `"status"`],
    [`{"t":1,"id":1,"event":"error","own":"yes"}`, `"own"`],
  ];
  for (const [line, expected] of wrong) assertThrows(() => parseEvents(line), Error, expected);
});

Deno.test("keys that a later version may add are ignored", () => {
  const line = `{"t":1,"id":1,"event":"half-close","dir":"in","colour":"red"}`;
  assertEquals(parseEvents(line), [{ t: 1, id: 1, event: "half-close", dir: "in" }]);
});
