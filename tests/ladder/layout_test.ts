/** What stands in the rows of a ladder; how they look is in `golden_test.ts`. */
import { assertEquals } from "@std/assert";
import type { Row } from "../../src/ladder/ladder.ts";
import { ladderOf, type LayoutOptions } from "../../src/ladder/layout.ts";
import type { EventBody, Side, SocketStep } from "../../src/record/event.ts";
import { wordsIn } from "../../src/ladder/words/mod.ts";
import { encode } from "../support/connections.ts";

type Timed = (EventBody | ({ event: "step" } & SocketStep)) & { readonly t?: number };

/** The ladder of events a millisecond apart, but for those that say when they were. */
function ladder(events: readonly Timed[], options?: LayoutOptions) {
  const timed = events.map((event, i) => ({ t: i / 1000, id: 1, ...event }));
  return ladderOf({ id: 1, events: timed }, options);
}

/** A row in brief: `0>1 connect lost`, `1: retry`. */
function brief(row: Row): string {
  if (row.kind === "fold" || row.kind === "pause") return row.kind;
  if (row.kind === "note") return `${row.at}: ${row.what}`;
  return [`${row.from}>${row.to}`, row.what, row.lost && "lost", row.load?.preview]
    .filter(Boolean).join(" ");
}

const rowsOf = (events: readonly Timed[]) => ladder(events).rows.map(brief);

const open = (fields: object = {}): Timed => ({ event: "open", dir: "in", ...fields });
const step = (step: string, fields: Partial<SocketStep> = {}): Timed => ({
  event: "step",
  step,
  leg: "target",
  ...fields,
});
const say = (dir: Side, text: string, t?: number): Timed => ({
  event: "data",
  dir,
  payload: { data: encode(text) },
  ...t === undefined ? {} : { t },
});
const halfClose = (dir: Side): Timed => ({ event: "half-close", dir });
const close = (dir: Side, fields: object = {}): Timed => ({ event: "close", dir, ...fields });

const [A, B] = [{ address: "tcp://[::1]:9" }, { address: "tcp://127.0.0.1:9" }];
const OUT = { at: "out", peer: "127.0.0.1:9" };

Deno.test("two attempts under way have an outcome each, whichever comes first", () => {
  const attempts = [step("connect", A), step("connect", B)];
  assertEquals(
    rowsOf([
      ...attempts,
      step("connect-failed", { ...A, text: "connection refused" }),
      open(OUT),
      close("in"),
    ]),
    ["0>1 connect", "0>1 connect", "1>0 refused", "1>0 accept", "0>1 close", "0: over"],
  );
  assertEquals(
    rowsOf([
      ...attempts,
      open(OUT),
      step("connect-failed", { ...A, text: "given up" }),
      close("in"),
    ]),
    ["0>1 connect lost", "0>1 connect", "1>0 accept", "0>1 close", "0: over"],
  );
});

Deno.test("an attempt without an outcome fails with the retry, or with the connection", () => {
  const path = { address: "unix:/run/x" };
  const retry = step("retry", { ...path, text: "connect unix:/run/x: connection refused" });
  assertEquals(
    rowsOf([step("connect", path), retry, step("connect", path), open({ at: "out" })]).slice(0, 5),
    ["0>1 connect", "1>0 refused", "0: retry", "0>1 connect", "1>0 accept"],
  );
  const failed = {
    event: "error",
    text: "connect 10.0.0.1:9: timed out",
    status: 5,
    own: true,
  } as const;
  assertEquals(
    rowsOf([open(), step("connect", { address: "tcp://10.0.0.1:9" }), failed, close("out")]),
    ["0>1 connection", "1>2 connect lost", "1: error", "1>0 close", "1: over"],
  );
});

Deno.test("a handshake of TLS begins when the connection stands", () => {
  const { rows } = ladder([
    { ...step("connect", B), t: 1 },
    { ...step("tls", { seconds: 0.5 }), t: 1.6 },
    { ...open(OUT), t: 1.6 },
  ]);
  assertEquals(
    rows.slice(0, 3).map((row) => [brief(row), Math.round(row.t * 1000)]),
    [["0>1 connect", 0], ["1>0 accept", 100], ["0>1 tls", 100]],
  );
});

Deno.test("who closes a relay's connection is the side that did, or coax itself", () => {
  const relayed = [open(), step("connect", B), step("connected", B)];
  const ending = (...events: Timed[]) => rowsOf([...relayed, ...events]).slice(3);
  const error = (status: number, own?: true): Timed => ({ event: "error", text: "x", status, own });
  const reset = { reset: true };
  assertEquals(ending(close("in")), ["0>2 close", "1: over"]);
  assertEquals(ending(error(1), close("in", reset)), ["0>2 reset", "1: over"]);
  assertEquals(ending(error(1), close("out", reset)), ["2>0 reset", "1: over"]);
  assertEquals(ending(error(5, true), close("out")), [
    "1: error",
    "1>0 close",
    "1>2 close",
    "1: over",
  ]);
  const fault = step("fault", { text: "cut" });
  assertEquals(ending(fault, error(1, true), close("out", reset)), [
    "1: fault",
    "1>0 reset",
    "1>2 reset",
    "1: over",
  ]);
  assertEquals(ending(fault, error(1), close("out", reset)), ["1: fault", "2>0 reset", "1: over"]);
  assertEquals(ending(halfClose("in"), halfClose("out"), close("out")), [
    "0>2 fin",
    "2>0 fin",
    "1: over",
  ]);
});

Deno.test("a relay's bytes end at coax as long as there is no target", () => {
  const rows = rowsOf([
    open(),
    say("in", "CONNECT"),
    step("connect", B),
    step("connected", B),
    say("in", "hi"),
    say("out", "ho"),
  ]);
  assertEquals(rows.filter((row) => row.includes("bytes")), [
    '0>1 bytes "CONNECT"',
    '0>2 bytes "hi"',
    '2>0 bytes "ho"',
  ]);
});

Deno.test("bytes that follow one another closely are one arrow, unless each is asked for", () => {
  const events = [
    say("in", "a", 1),
    say("in", "b", 1.04),
    say("in", "c", 1.08),
    say("in", "d", 1.2),
    say("out", "e", 1.21),
    say("in", "f", 1.22),
  ];
  const carried = (options?: LayoutOptions) =>
    ladder(events, options).rows.filter((row) => row.kind === "arrow").map(brief);
  assertEquals(carried(), [
    '0>1 bytes "abc"',
    '0>1 bytes "d"',
    '1>0 bytes "e"',
    '0>1 bytes "f"',
  ]);
  assertEquals(carried({ separate: true }).length, 6);
  const [first] = ladder(events).rows;
  const { bytes, pieces, seconds } = first?.kind === "arrow" ? first.load! : {};
  assertEquals([bytes, pieces, Math.round(seconds! * 100)], [3, 3, 8]);
});

Deno.test("a line is solid while its party may send", () => {
  const { rows } = ladder([
    step("connect", B),
    open(OUT),
    halfClose("in"),
    say("out", "x"),
    halfClose("out"),
    close("out"),
  ]);
  assertEquals(rows.map(({ lines }) => lines.map((state) => state[0]).join("")), [
    "ll",
    "ss",
    "ls",
    "ls",
    "ll",
    "gg",
  ]);
});

Deno.test("parties are who they are, with the addresses that are known", () => {
  const names = (...events: Timed[]) =>
    ladder(events).parties.map(({ role, isCoax, address }) =>
      [role, isCoax && "coax", address].filter(Boolean).join(" ")
    );
  const ends = { peer: "10.0.0.7:80", local: "10.0.0.1:9" };
  assertEquals(names(open(ends)), ["client 10.0.0.7:80", "server coax 10.0.0.1:9"]);
  assertEquals(names(open({ ...ends, at: "out" })), [
    "client coax 10.0.0.1:9",
    "server 10.0.0.7:80",
  ]);
  assertEquals(names(open({ peer: "exec:cat -n", at: "out" })), ["client coax", "command cat -n"]);
  assertEquals(names(open({ peer: "file:/x", at: "out" })), ["client coax", "file file:/x"]);
  assertEquals(names(open(ends), step("connect", { address: "tcp://h:1" })), [
    "client 10.0.0.7:80",
    "relay coax 10.0.0.1:9",
    "target h:1",
  ]);
  assertEquals(names(say("in", "x")), ["client coax", "server"]);
});

Deno.test("a socket is created, bound and listened on before it is connected to", () => {
  const own = { leg: "client", address: "127.0.0.1:9" } as const;
  const steps = ["create", "bind", "listen"].map((name) => step(name, own));
  assertEquals(
    rowsOf([...steps, open({ peer: "127.0.0.1:5" }), close("in")]),
    ["1: create", "1: bind", "1: listen", "0>1 connection", "0>1 close", "1: over"],
  );
});

Deno.test("what isn't kept is said before what follows it, and counted", () => {
  const target = step("connected", { address: "127.0.0.1:9" });
  const omitted = { in: 36_000, out: 0 };
  const whole = ladder([open({ omitted }), target, say("in", "a")]);
  const { rows, in: up, out: down } = whole;
  const expected = ["0>1 connection", "1>2 connection", "1: omitted", `0>2 bytes "a"`];
  assertEquals(rows.map(brief), [...expected, "1: unfinished"]);
  assertEquals(rows.flatMap((row) => row.kind === "note" ? [row.text] : [])[0], "→ 36 kB");
  const explained = rows.map((row) => wordsIn("en").explain(row, whole));
  assertEquals(explained.filter((text) => text.startsWith("The first byte")), []);
  assertEquals([up, down], [{ bytes: 36_001, pieces: 1 }, { bytes: 0, pieces: 0 }]);
  assertEquals(ladder([open({ omitted })], { live: true }).rows.map(brief).at(-1), "1: omitted");
});

Deno.test("a ladder that is live grows row by row, and never says that it is at its end", () => {
  const events = [open(), say("in", "a", 0), halfClose("in"), say("out", "b", 1), close("in")];
  const drawn = events.map((_, i) =>
    ladder(events.slice(0, i + 1), { live: true }).rows.map(brief)
  );
  for (const [i, rows] of drawn.entries()) {
    assertEquals(rows, drawn.at(-1)!.slice(0, rows.length), `after ${i + 1}`);
    assertEquals(rows.length > (drawn[i - 1]?.length ?? 0), true, `after ${i + 1}`);
  }
});

Deno.test("datagrams beside a stream are told apart from its bytes, also where most are folded", () => {
  const datagram = (dir: Side): Timed => ({
    event: "message",
    dir,
    payload: { data: encode("d") },
  });
  const few = [open(), say("in", "ask"), datagram("in"), datagram("out"), say("out", "end")];
  const [connection, ask, note, ...rest] = ladder(few).rows;
  assertEquals([connection, ask, note].map((row) => brief(row!)), [
    "0>1 connection",
    '0>1 bytes "ask"',
    "1: datagrams",
  ]);
  const carriers = rest.flatMap((row) => row.kind === "arrow" ? [row.carrier] : []);
  assertEquals(carriers, ["udp", "udp", "tcp"]);
  const bytes = Array.from({ length: 40 }, (_, i) => say(i % 2 ? "in" : "out", "b"));
  const datagrams = Array.from({ length: 10 }, () => datagram("in"));
  const mixed = ladder([open(), ...datagrams, ...bytes]);
  const folds = mixed.rows.flatMap((row) => row.kind === "fold" ? [row.what] : []);
  assertEquals(folds, ["bytes"]);
  const inTurns = Array.from({ length: 40 }, (_, i) => i % 2 ? datagram("in") : say("in", "b"));
  const { rows } = ladder([open(), ...inTurns]);
  assertEquals(rows.filter((row) => brief(row) === "1: datagrams").length, 1);
  assertEquals(rows.filter(({ kind }) => kind === "fold").length, 1);
});
