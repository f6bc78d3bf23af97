import { assert, assertEquals } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { History, MAX_CLOSED, MAX_KEPT } from "../../src/control/history.ts";
import type { KeptConnection } from "../../src/control/kept_connection.ts";
import type { Event } from "../../src/core/log.ts";
import { silent } from "../../src/core/log.ts";
import { ResetFaultError } from "../../src/core/resets.ts";
import type { RecordedEvent } from "../../src/record/event.ts";
import { OVERHEAD } from "../../src/record/latest_events.ts";
import { tap } from "../../src/wrap/tap.ts";
import { encode, Script } from "../support/connections.ts";
import { drainEventLoop, until } from "../support/wait.ts";

/** A control's connections and their history, of which nobody looks at it yet. */
function control({ linger = 0, most = MAX_KEPT, affordable = Infinity } = {}) {
  const registry = new ConnectionRegistry();
  const history = new History(registry, linger, most, affordable);
  const observer = registry.observerOf("web", { upstream: () => "h:1", toxicsOf: () => ["late"] });
  /** A new connection, from which `chunks` come in. */
  const accept = (chunks: readonly string[] = []) => {
    const id = observer.nextId();
    const script = new Script(chunks);
    history.observe(logged("accept", { id, address: "tcp://127.0.0.1:9" }));
    const accepted = { connection: script, id, peer: "script", local: "127.0.0.1:9", log: silent };
    const watch = observer.accepted(accepted);
    const connection = tap(script, watch.client);
    const end = (reason?: Error) => {
      connection.close(reason);
      watch[Symbol.dispose]();
    };
    return { id, connection, watch, end };
  };
  return { registry, history, accept };
}

function logged(event: string, fields: Partial<Event> = {}): Event {
  return { level: "debug", event, text: event, ...fields };
}

/** All that a reader of a connection gets, from now on. */
function follow(kept: KeptConnection) {
  const events: RecordedEvent[] = [];
  const read = { events, isOver: false };
  kept.follow({
    take: (event) => events.push(structuredClone(event)),
    over: () => read.isOver = true,
  });
  return read;
}

/** Bytes of payload in events. */
function payloadOf(events: readonly RecordedEvent[]): number {
  return events.reduce(
    (sum, event) => sum + (event.event === "data" ? event.payload.data.length : 0),
    0,
  );
}

Deno.test("what is kept and what follows is the same for who looks at any time", async () => {
  const { history, accept } = control();
  using _ = history;
  history.hold();
  const { id, connection, watch, end } = accept(["a", "b", "c"]);
  const buffer = new Uint8Array(100);
  const step = (event: string, fields: Partial<Event>) => () =>
    history.observe(logged(event, { id, ...fields }));
  const life: (() => unknown)[] = [
    step("resolved", { host: "h", ips: "10.0.0.1" }),
    step("connect", { address: "10.0.0.1:1" }),
    step("connected", { address: "h:1", target: "10.0.0.1:1" }),
    () => watch.connected(Object.assign(new Script(), { peer: "10.0.0.1:1" })),
    () => connection.read(buffer),
    () => connection.write(encode("x")),
    () => connection.write(encode("y")),
    () => connection.read(buffer),
    step("fault", { level: "info" }),
    () => connection.read(buffer),
    () => connection.read(buffer), // EOF
    () => connection.closeWrite(),
    () => connection.close(),
    () => end(),
    () => {},
  ];
  const readers = [];
  for (const act of life) {
    readers.push(follow(history.get(id)!));
    await act();
  }
  readers.push(follow(history.get(id)!));
  const { events } = readers[0]!;
  assertEquals(events.map((one) => one.event === "step" ? one.step : one.event), [
    ..."accept open resolved connect connected data data data data fault data".split(" "),
    ..."half-close half-close close".split(" "),
  ]);
  for (const [split, reader] of readers.entries()) {
    assertEquals(reader.isOver, true, `split at ${split}`);
    assertEquals(JSON.stringify(reader.events), JSON.stringify(events), `split at ${split}`);
  }
});

Deno.test("how a proxy's socket came to listen stands before the connection, whoever looked", () => {
  const { history, accept } = control();
  for (const [host, port] of [["127.0.0.1", 9], ["[::1]", 9]]) {
    const address = `tcp://${host}:${port}`;
    for (const step of ["create", "bind", "listen"]) {
      history.observe(logged(step, { address, proxy: "web" }));
    }
  }
  history.observe(logged("listen", { address: "tcp://127.0.0.1:9", proxy: "other" }));
  using _ = history;
  history.hold();
  const { id } = accept();
  const { events } = follow(history.get(id)!);
  const told = events.map((one) => one.event === "step" ? `${one.step} ${one.address}` : one.event);
  const own = ["create", "bind", "listen", "accept"].map((step) => `${step} tcp://127.0.0.1:9`);
  assertEquals(told, [...own, "open"]);
  assertEquals(events.map(({ t }) => t).toSorted((a, b) => a - b), events.map(({ t }) => t));
});

Deno.test("without a viewer nothing is kept, and no connection is observed", async () => {
  const { history, accept } = control();
  using _ = history;
  const { id, connection, watch } = accept(["abc", "d"]);
  await connection.read(new Uint8Array(9));
  watch.connected(Object.assign(new Script(), { peer: "ws://h/?token=SECRET" }));
  assertEquals([history.get(id), history.size], [undefined, 0]);
  const holding = [history.hold(), history.hold()];
  await connection.read(new Uint8Array(9));
  const { events } = follow(history.get(id)!);
  assertEquals(events[0], {
    t: 0,
    id,
    event: "open",
    dir: "in",
    peer: "script",
    at: undefined,
    local: "127.0.0.1:9",
    transport: undefined,
    omitted: { in: 3, out: 0, limit: undefined },
  });
  assertEquals(events[1]?.event === "step" && events[1].address, "ws://h/?token=***");
  assertEquals(payloadOf(events), 1);
  holding[0]![Symbol.dispose]();
  holding[0]![Symbol.dispose]();
  await drainEventLoop();
  assert(history.get(id));
  holding[1]![Symbol.dispose]();
  await until(() => history.get(id) === undefined, "nothing is kept");
  assertEquals(history.size, 0);
  await connection.write(new Uint8Array(5));
  assertEquals(history.size, 0);
});

Deno.test("a page that is loaded anew finds what was kept", async () => {
  const { history, accept } = control({ linger: 60_000 });
  const first = history.hold();
  const { id, connection } = accept(["abc"]);
  first[Symbol.dispose]();
  await connection.read(new Uint8Array(9));
  history.hold();
  assertEquals(payloadOf(follow(history.get(id)!).events), 3);
  history[Symbol.dispose]();
  assertEquals(history.get(id), undefined);
});

Deno.test("a connection that is over is known with its end", async () => {
  const { history, registry, accept } = control();
  using _ = history;
  history.hold();
  const [plain, reset] = [accept(["abc"]), accept()];
  await plain.connection.read(new Uint8Array(9));
  await plain.connection.write(new Uint8Array(5));
  const open = registry.get(plain.id)!.info;
  assertEquals(history.closed(), []);
  plain.end();
  Object.assign(registry.get(reset.id)!.connection, { showsReset: true });
  reset.end(new ResetFaultError("close", "script", "reset, as the control was asked to"));
  const [first, second] = history.closed("web");
  const { until, ...rest } = first!;
  assert(Date.parse(until) >= Date.parse(open.since));
  const end = { error: undefined, status: undefined, reset: undefined };
  assertEquals(rest, { ...open, state: "closed", received: 3, sent: 5, ...end });
  assertEquals([second!.error, second!.status, second!.reset], [
    "close script: reset, as the control was asked to",
    new ResetFaultError("close", "", "").status,
    true,
  ]);
  assertEquals(history.closed("other"), []);
  history.removed("web");
  assertEquals([history.closed(), history.size], [[], 0]);
});

Deno.test("of connections that are over, the latest 1,000 are known", () => {
  const { history, accept } = control();
  using _ = history;
  history.hold();
  for (let i = 0; i < MAX_CLOSED + 500; i++) accept().end();
  const ids = history.closed().map(({ id }) => id);
  assertEquals([ids.length, ids[0], ids.at(-1)], [MAX_CLOSED, 501, MAX_CLOSED + 500]);
  assertEquals(history.get(500), undefined);
});

Deno.test("of many new connections some are kept, and of those that are open already all", () => {
  const { history, accept } = control({ affordable: 3 });
  using _ = history;
  const before = Array.from({ length: 10 }, () => accept());
  history.hold();
  const start = performance.now();
  const after = Array.from({ length: 10 }, () => accept());
  const took = performance.now() - start;
  const kept = (all: typeof before) => all.filter(({ id }) => history.get(id)).length;
  assertEquals(kept(before), 10);
  assert(kept(after) >= 3 && kept(after) <= 3 * (2 + took / 500), `${kept(after)} in ${took} ms`);
  for (const { end } of [...before, ...after]) end();
  assertEquals(history.closed().length, 10 + kept(after));
});

Deno.test("payload has a bound in all: the oldest closed ones forget it first, then others", async () => {
  const most = 2 ** 20;
  const { history, accept } = control({ most });
  using _ = history;
  history.hold();
  const connections = Array.from({ length: 40 }, () => accept());
  for (const { connection } of connections.slice(0, 4)) {
    await connection.write(new Uint8Array(60_000));
  }
  for (const { end } of connections.slice(0, 4)) end();
  const of = (id: number) => follow(history.get(id)!).events;
  const limitOf = (id: number) => {
    const [open] = of(id).filter(({ event }) => event === "open");
    return open?.event === "open" ? open.omitted?.limit : undefined;
  };
  for (const { connection } of connections.slice(4, 18)) {
    await connection.write(new Uint8Array(60_000));
  }
  assertEquals([1, 2, 3, 4, 5].map(limitOf), ["all", "all", "all", undefined, undefined]);
  for (let round = 0; round < 20; round++) {
    for (const { connection } of connections.slice(4)) {
      await connection.write(new Uint8Array(60_000));
      assert(history.size <= most, `${history.size} bytes`);
    }
  }
  assertEquals([1, 2, 3, 4].map(limitOf), ["all", "all", "all", "all"]);
  const kept = connections.map(({ id }) => payloadOf(of(id)));
  const sum = kept.reduce((a, b) => a + b);
  assert(sum > most * 0.7 && sum <= most, `${sum} bytes`);
  assertEquals(kept.slice(0, 4), [0, 0, 0, 0]);
  assertEquals(kept.filter((bytes) => bytes > 64 * 1024), []);
});

Deno.test("what is kept takes about as much memory as is counted", async () => {
  const { history, accept } = control();
  using _ = history;
  history.hold();
  const piece = new Uint8Array(16);
  const connections = Array.from({ length: 50 }, () => accept());
  const used = () => {
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  for (let i = 0; i < 2000; i++) {
    for (const { connection, watch } of connections) {
      watch.client.received!(piece);
      if (i % 500 === 0) await connection.read(new Uint8Array(1));
    }
  }
  const taken = used() - before;
  assertEquals(connections.length * 2000 * (16 + OVERHEAD), history.size);
  assert(taken < history.size * 1.5, `${taken} bytes for ${history.size}`);
});
