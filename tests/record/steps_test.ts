import { assertEquals } from "@std/assert";
import type { Event } from "../../src/core/log.ts";
import type { RecordedEvent } from "../../src/record/event.ts";
import { scriptFor } from "../../src/record/script.ts";
import { PendingSteps, stepOf } from "../../src/record/steps.ts";

const logged = (event: string, fields: Partial<Event> = {}): Event => ({
  level: "debug",
  event,
  text: `text of ${event}`,
  ...fields,
});

Deno.test("a handshake is TLS's or half of a WebSocket's, with the client or with the target", () => {
  const steps = [
    logged("handshake", { seconds: 0.0123456789, protocol: "h2", address: "tls://h" }),
    logged("handshake", { request: "GET /x", peer: "1.2.3.4:5" }),
    logged("handshake", { response: "101 Switching Protocols", address: "ws://h" }),
  ].map(stepOf);
  assertEquals(steps, [
    { step: "tls", leg: "target", address: "tls://h", text: "h2", seconds: 0.012346 },
    { step: "request", leg: "client", address: undefined, text: "GET /x" },
    { step: "response", leg: "target", address: "ws://h", text: "101 Switching Protocols" },
  ]);
});

Deno.test("secrets in a step's address and text are masked", () => {
  const step = stepOf(logged("connect-failed", { address: "ws://u:p@h/", error: "http://a:b@c" }));
  assertEquals([step?.address, step?.text], ["ws://***@h/", "http://***@c"]);
});

Deno.test("what isn't a step of a connection's life is none", () => {
  for (const event of ["read", "write", "close", "half-close", "listening", "constructor", ""]) {
    assertEquals(stepOf(logged(event)), undefined, event);
  }
});

Deno.test("a fault that repeats itself with each piece is told once", () => {
  const [first, again] = ["info", "debug"] as const;
  const text = "text of fault";
  const step = { step: "fault", leg: "client", address: undefined, text } as const;
  assertEquals(stepOf(logged("fault", { level: first })), step);
  assertEquals(stepOf(logged("fault", { level: again })), undefined);
});

Deno.test("steps change nothing of what is played, nor when", () => {
  const events: RecordedEvent[] = [
    { t: 5, id: 1, event: "open" },
    { t: 6, id: 1, event: "data", dir: "in", payload: { data: new Uint8Array(3) } },
    { t: 7, id: 1, event: "half-close", dir: "in" },
  ];
  const connect = { id: 1, event: "step", step: "connect", leg: "target" } as const;
  const told = [{ t: 1, ...connect }, events[0]!, { t: 5.5, ...connect }, ...events.slice(1)];
  for (const side of ["in", "out"] as const) {
    assertEquals(scriptFor({ id: 1, events: told }, side), scriptFor({ id: 1, events }, side));
  }
});

const add = (pending: PendingSteps, id: number, ...names: string[]) => {
  for (const step of names) pending.add(id, { t: 0, step, leg: "target" });
};
const take = (pending: PendingSteps, id: number) => pending.takeFirst(id).map(({ step }) => step);

Deno.test("steps are taken once, without what opening says anyway", () => {
  const pending = new PendingSteps();
  add(pending, 1, "accept");
  add(pending, 2, "accept", "tls");
  add(pending, 3, "connect", "connect-failed", "retry", "connect", "connected");
  add(pending, 4, "connect");
  pending.drop(4);
  assertEquals([1, 2, 3, 4, 5].map((id) => take(pending, id)), [
    [],
    ["accept", "tls"],
    ["connect", "connect-failed", "retry", "connect"],
    [],
    [],
  ]);
  assertEquals(take(pending, 3), []);
});

Deno.test("neither many attempts nor many connections that never open take more and more memory", () => {
  const pending = new PendingSteps();
  for (let i = 0; i < 1000; i++) add(pending, 1, `try ${i}`);
  const kept = take(pending, 1);
  assertEquals([kept.length, kept.at(-1)], [64, "try 999"]);
  for (let id = 1; id <= 3000; id++) add(pending, id, "connect");
  const counts = Array.from({ length: 3000 }, (_, i) => take(pending, i + 1).length);
  assertEquals(counts.filter(Boolean).length, 1024);
  assertEquals(counts.at(-1), 1);
});
