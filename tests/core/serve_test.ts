import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError, LocalError, ShutdownError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import type { Evictable, Incoming, Listener } from "../../src/core/listener.ts";
import { type Accepted, type Over, serve, type ServeOptions } from "../../src/core/serve.ts";
import { carry } from "../../src/core/splice.ts";
import { ask, encode, readAll, readExactly } from "../support/connections.ts";
import { recorder } from "../support/log.ts";
import { SERVING } from "../support/options.ts";
import { isPending, soon, until } from "../support/wait.ts";

/** A listener whose peers are made by the test. */
class TestListener implements Listener {
  /** Connections that may be evicted. */
  silent: Evictable | undefined;
  readonly addresses = ["memory:door"];
  readonly refused: string[] = [];
  accepts = 0;
  closed = false;
  readonly #queue: (Incoming | Error)[] = [];
  #changed = Promise.withResolvers<void>();

  async accept(): Promise<Incoming | null> {
    this.accepts++;
    while (this.#queue.length === 0) {
      if (this.closed) return null;
      await this.#changed.promise;
    }
    const next = this.#queue.shift()!;
    if (next instanceof Error) throw next;
    return next;
  }

  longestIdle(): Evictable | undefined {
    return this.silent;
  }

  close(): void {
    this.closed = true;
    this.#notify();
  }

  /** Connects a peer and yields its connection. */
  enter(
    open: (connection: Duplex, signal: AbortSignal) => Promise<Duplex> = (connection) =>
      Promise.resolve(connection),
    handshake = false,
  ): Duplex {
    const [client, server] = memoryPair();
    const peer = "memory:peer";
    this.#put({
      peer,
      handshake,
      local: "memory:door",
      open: (signal) => open(server, signal),
      refuse: () => {
        this.refused.push(peer);
        server.close();
      },
    });
    return client;
  }

  fail(error: Error): void {
    this.#put(error);
  }

  #put(what: Incoming | Error): void {
    this.#queue.push(what);
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

async function echo({ connection }: Accepted): Promise<void> {
  try {
    await carry([connection as Duplex, connection as Duplex]);
  } finally {
    connection.close();
  }
}

function start(handle: (accepted: Accepted) => Promise<void>, options: Partial<ServeOptions> = {}) {
  const door = new TestListener();
  const stop = new AbortController();
  const { log, events } = recorder();
  const over = serve([door], handle, {
    ...SERVING,
    log,
    stop: stop.signal,
    grace: 10_000,
    maxConnections: 100,
    ...options,
  });
  over.catch(() => {});
  return { door, stop: () => stop.abort(), events, over };
}

Deno.test("many are served at once, and connections are counted from 1", async () => {
  const ids: number[] = [];
  const { door, stop, over } = start((accepted) => {
    ids.push(accepted.id);
    return echo(accepted);
  });
  const peers = [door.enter(), door.enter(), door.enter()];
  const answers = await Promise.all(peers.map((peer, i) => ask(peer, `hello ${i}`)));
  assertEquals(answers, ["hello 0", "hello 1", "hello 2"]);
  assertEquals(ids, [1, 2, 3]);
  stop();
  await soon(over, "the end");
  assert(door.closed);
});

Deno.test("a slow handshake holds up nobody", async () => {
  const { door, stop, over } = start(echo);
  door.enter((_, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
  );
  assertEquals(await soon(ask(door.enter(), "quick"), "the second"), "quick");
  stop();
  await soon(over, "the end");
});

Deno.test("a failing handshake or handler is a line in the log, and the next is served", async () => {
  let first = true;
  const { door, stop, over, events } = start((accepted) => {
    if (!first) return echo(accepted);
    first = false;
    return Promise.reject(new BrokenError("receive from", "memory:peer", "reset by peer"));
  });
  door.enter();
  door.enter(() => Promise.reject(new Error("no handshake")));
  assertEquals(await soon(ask(door.enter(), "fine"), "the third"), "fine");
  assertEquals(
    events.filter(({ level }) => level === "error").map(({ id, text }) => [id, text]),
    [[1, "receive from memory:peer: reset by peer"], [2, "no handshake"]],
  );
  stop();
  await soon(over, "the end");
});

Deno.test("over the most connections, new ones are closed at once and logged", async () => {
  const { door, stop, over, events } = start(echo, { maxConnections: 1 });
  const first = door.enter();
  await first.write(encode("x"));
  await readExactly(first, 1);
  assertEquals(await soon(readAll(door.enter()), "the refusal"), new Uint8Array());
  assertEquals(door.refused.length, 1);
  assertEquals(events.filter(({ event }) => event === "refused").length, 1);
  assertEquals(await ask(first, "still here"), "still here");
  await until(() => events.length > 0, "the log");
  assertEquals(await soon(ask(door.enter(), "room again"), "the third"), "room again");
  stop();
  await soon(over, "the end");
});

Deno.test("the connection that was silent longest, on any listener, is evicted for a new one", async () => {
  const doors = [new TestListener(), new TestListener(), new TestListener()];
  const [visited, ...others] = doors;
  const { log, events } = recorder();
  const stop = new AbortController();
  const options = { ...SERVING, log, stop: stop.signal, grace: 10_000, maxConnections: 2 };
  const over = serve(doors, echo, options);
  const made: number[] = [];
  for (const [i, door] of others.entries()) {
    const since = 10 - i;
    const guest = door.enter();
    const makeRoom = () => {
      made.push(since);
      guest.close();
    };
    door.silent = { since, evict: makeRoom };
    await guest.write(encode("x"));
    await readExactly(guest, 1);
  }
  assertEquals(await soon(ask(visited!.enter(), "hello"), "the new one"), "hello");
  assertEquals(made, [9]);
  assertEquals(events.filter(({ event }) => event === "refused"), []);
  stop.abort();
  for (const { silent } of others) silent!.evict();
  await soon(over, "the end");
});

/** A handshake that waits for the peer's first byte. */
async function handshakeByte(connection: Duplex, signal: AbortSignal): Promise<Duplex> {
  signal.addEventListener("abort", () => connection.close());
  if (await connection.read(new Uint8Array(1)) === null) throw new Error("no handshake");
  return connection;
}

/** Echoes after a handshake of its own. */
async function handshakeAndEcho(accepted: Accepted): Promise<void> {
  await handshakeByte(accepted.connection as Duplex, new AbortController().signal);
  accepted.established!();
  await echo(accepted);
}

for (const own of [false, true]) {
  const whose = own ? "the handler's" : "the listener's";
  const serving = () => start(own ? handshakeAndEcho : echo, { maxConnections: 3, handshake: own });
  const enter = (door: TestListener) => own ? door.enter() : door.enter(handshakeByte, true);

  Deno.test(`a handshake, ${whose}, is evicted for a new connection, the oldest first`, async () => {
    const { door, stop, over, events } = serving();
    const silent = [enter(door), enter(door), enter(door)];
    await until(() => door.accepts === 4, "the silent ones");
    for (const answer of ["good", "better"]) {
      const good = enter(door);
      await good.write(encode("x"));
      assertEquals(await soon(ask(good, answer), "the good one"), answer);
    }
    // The first good one has left, so that one slot was free: only one had to go.
    await soon(readAll(silent[0]!).catch(() => {}), "its end");
    const refused = events.filter(({ event }) => event === "refused");
    assertEquals(refused.map(({ text }) => /its handshake isn't over/.test(text)), [true]);
    for (const later of silent.slice(1)) {
      await later.write(encode("x"));
      assertEquals(await soon(ask(later, "late"), "a later one"), "late");
    }
    assertEquals(events.filter(({ level }) => level === "error"), []);
    stop();
    await soon(over, "the end");
  });

  Deno.test(`whoever keeps something of a connection is told that it is over, also of an evicted handshake, ${whose}`, async () => {
    const all: Over[] = [];
    const onOver = (one: Over) => void all.push(one);
    const { door, stop, over } = start(own ? handshakeAndEcho : echo, {
      maxConnections: 1,
      handshake: own,
      onOver,
    });
    enter(door);
    await until(() => door.accepts === 2, "the silent one");
    const good = enter(door);
    await good.write(encode("x"));
    assertEquals(await soon(ask(good, "good"), "the good one"), "good");
    await until(() => all.length === 2, "the end of both");
    assertEquals(all.map(({ id, evicted }) => [id, evicted]), [[1, true], [2, false]]);
    stop();
    await soon(over, "the end");
  });

  Deno.test(`a connection that has finished its handshake, ${whose}, keeps its slot`, async () => {
    const { door, stop, over, events } = serving();
    const guests = [enter(door), enter(door), enter(door)];
    for (const guest of guests) {
      await guest.write(encode("xy"));
      await readExactly(guest, 1);
    }
    const late = enter(door);
    await soon(readAll(late).catch(() => {}), "the refusal");
    assertEquals(door.refused.length, 1);
    assertEquals(await ask(guests[0]!, "still here"), "still here");
    assertMatch(
      events.find(({ event }) => event === "refused")!.text,
      /--max-connections 3 is reached/,
    );
    for (const guest of guests.slice(1)) guest.close();
    stop();
    await soon(over, "the end");
  });
}

Deno.test("stop ends handshakes that are under way at once", async () => {
  const { door, stop, over, events } = start(echo);
  door.enter(handshakeByte, true);
  await until(() => door.accepts === 2, "the handshake");
  stop();
  await soon(over, "the end");
  assertEquals(events.filter(({ level }) => level === "error"), []);
});

Deno.test("failing accepts are retried after a pause and logged once a second", async () => {
  const { door, stop, over, events } = start(echo);
  const began = performance.now();
  for (let i = 0; i < 4; i++) door.fail(new Error("too many open files"));
  assertEquals(await soon(ask(door.enter(), "recovered"), "the recovery"), "recovered");
  assert(performance.now() - began >= 4 * 40, "it did not wait");
  assertEquals(events.filter(({ event }) => event === "accept-failed").length, 1);
  stop();
  await soon(over, "the end");
});

Deno.test("where descriptors are used up, the oldest handshake makes room, and nobody else", async () => {
  const { door, stop, over, events } = start(echo);
  const guest = door.enter();
  const silent = [1, 2].map(() => door.enter(handshakeByte, true));
  await until(() => door.accepts === 4, "the handshakes");
  for (const code of ["EMFILE", "ENFILE", "EMFILE", "ECONNABORTED"]) {
    door.fail(new BrokenError("accept", "", code, { cause: Object.assign(new Error(), { code }) }));
  }
  assertEquals(await soon(ask(door.enter(), "late"), "the latecomer"), "late");
  assertEquals(await soon(ask(guest, "still"), "the guest"), "still");
  for (const peer of silent) await soon(readAll(peer).catch(() => {}), "the end of a handshake");
  const evicted = events.filter(({ event }) => event === "refused");
  assertEquals(evicted.length, 2);
  assertMatch(evicted[0]!.text, /handshake isn't over \(no descriptor is free\)$/);
  stop();
  await soon(over, "the end");
});

Deno.test("stop lets open connections finish within the grace", async () => {
  const { door, stop, over } = start(echo);
  const peer = door.enter();
  await peer.write(encode("x"));
  await readExactly(peer, 1);
  stop();
  assert(await isPending(over));
  assert(door.closed);
  assertEquals(await ask(peer, "finished"), "finished");
  await soon(over, "the end");
});

Deno.test("stop closes connections at once that only silence would close, and promises them no time", async () => {
  const expiring = (connection: Duplex): Promise<Duplex> =>
    Promise.resolve(Object.assign(connection, { expires: true }));
  const { door, stop, over, events } = start(echo);
  const silent = door.enter(expiring);
  await silent.write(encode("x"));
  await readExactly(silent, 1);
  const other = door.enter();
  await other.write(encode("x"));
  await readExactly(other, 1);
  stop();
  await assertRejects(() => soon(readAll(silent), "its end"), ShutdownError);
  assertEquals(await ask(other, "finished"), "finished");
  await soon(over, "the end");
  const [draining] = events.filter(({ event }) => event === "draining");
  assertMatch(draining!.text, /stopping: 1 open connection may/);

  const { door: next, stop: stopNext, over: overNext, events: eventsNext } = start(echo);
  const only = next.enter(expiring);
  await only.write(encode("x"));
  await readExactly(only, 1);
  stopNext();
  await soon(overNext, "the end");
  assertEquals(eventsNext.filter(({ event }) => event === "draining"), []);
});

Deno.test("connections open after the grace are closed, and that is no error", async () => {
  const { door, stop, over, events } = start(echo, { grace: 10 });
  const peer = door.enter();
  await peer.write(encode("x"));
  await readExactly(peer, 1);
  stop();
  await soon(over, "the end");
  assertEquals(events.filter(({ level }) => level === "error"), []);
  assertEquals(events.filter(({ event }) => event === "cut").map(({ text }) => text), [
    "closing 1 connection that didn't finish within 0.01 s (--grace)",
  ]);
});

Deno.test("a handler that doesn't return isn't waited for", async () => {
  const { door, stop, over } = start(() => new Promise(() => {}), { grace: 10 });
  door.enter();
  await until(() => door.accepts === 2, "the connection");
  stop();
  await soon(over, "the end");
});

Deno.test("a signal that has aborted before serves nobody", async () => {
  const door = new TestListener();
  const { log } = recorder();
  const stop = AbortSignal.abort();
  await soon(
    serve([door], echo, { ...SERVING, log, stop, grace: 1, maxConnections: 1 }),
    "the end",
  );
  assert(door.closed);
});

Deno.test("once: the first connection closes the listener and its result is the service's", async () => {
  const { door, over } = start(echo, { once: true });
  const peer = door.enter();
  await until(() => door.closed, "the listener's end");
  assert(await isPending(over));
  assertEquals(await ask(peer, "only"), "only");
  await soon(over, "the end");
});

Deno.test("once: a failed handshake isn't the connection", async () => {
  const { door, over } = start(echo, { once: true });
  door.enter(() => Promise.reject(new Error("no handshake")));
  await until(() => door.accepts === 2, "the first");
  assert(!door.closed);
  assertEquals(await ask(door.enter(), "second"), "second");
  await soon(over, "the end");
});

Deno.test("once: of two handshakes the first to succeed is served, the other closed", async () => {
  const { door, over } = start(echo, { once: true });
  const gate = Promise.withResolvers<void>();
  const slow = door.enter((connection) => gate.promise.then(() => connection));
  const quick = door.enter();
  await until(() => door.closed, "the choice");
  gate.resolve();
  assertEquals(await soon(readAll(slow), "the slow one's end"), new Uint8Array());
  assertEquals(await ask(quick, "served"), "served");
  await soon(over, "the end");
});

Deno.test("once: serve rejects as the handler does", async () => {
  const failure = new BrokenError("receive from", "memory:peer", "reset by peer");
  const { door, over } = start(() => Promise.reject(failure), { once: true });
  door.enter();
  assertEquals(await soon(assertRejects(() => over), "the end"), failure);
});

Deno.test("an error of our own side ends the service and every connection", async () => {
  const failure = new LocalError("write", "stdout", "no space left on device");
  let fail = () => {};
  const { door, over } = start((accepted) =>
    accepted.id === 1 ? echo(accepted) : new Promise((_, reject) => fail = () => reject(failure))
  );
  const bystander = door.enter();
  door.enter();
  await until(() => door.accepts === 3, "both connections");
  fail();
  assertEquals(await soon(assertRejects(() => over), "the end"), failure);
  await assertRejects(() => readAll(bystander));
});

Deno.test("abort closes the service and every connection at once, and isn't reported to others", async () => {
  const abort = new AbortController();
  const { door, over, events } = start(echo, { abort: abort.signal });
  const peers = [door.enter(), door.enter()];
  for (const peer of peers) assertEquals(await ask(peer, "x"), "x");
  const reason = new BrokenError("expect", "memory:door", "too late");
  abort.abort(reason);
  assertEquals(await soon(assertRejects(() => over), "the end"), reason);
  assert(door.closed);
  assertEquals(events.filter(({ level }) => level === "error" || level === "info"), []);
});

Deno.test("abort ends a service without connections", async () => {
  const abort = new AbortController();
  const { door, over } = start(echo, { abort: abort.signal });
  const reason = new BrokenError("expect", "memory:door", "too late");
  abort.abort(reason);
  assertEquals(await soon(assertRejects(() => over), "the end"), reason);
  assert(door.closed);
});
