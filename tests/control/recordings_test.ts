import { assertEquals } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { History } from "../../src/control/history.ts";
import { RECORDING_FORMATS } from "../../src/control/recording_format.ts";
import { Recordings } from "../../src/control/recordings.ts";
import { silent } from "../../src/core/log.ts";
import { tap } from "../../src/wrap/tap.ts";
import { encode, readAll, Script } from "../support/connections.ts";
import { soon } from "../support/wait.ts";

/** A control's connections, and its recordings. */
function control() {
  const registry = new ConnectionRegistry();
  const watches = { count: 0 };
  const watched: Pick<ConnectionRegistry, "watch"> = {
    watch(viewer) {
      watches.count++;
      const watching = registry.watch(viewer);
      return {
        [Symbol.dispose]() {
          watches.count--;
          watching[Symbol.dispose]();
        },
      };
    },
  };
  const history = new History(watched, 0);
  const recordings = new Recordings(watched, history);
  const observers = new Map(
    ["web", "db"].map((name) => [
      name,
      registry.observerOf(name, { upstream: () => "host:1", toxicsOf: () => [] }),
    ]),
  );
  const accepted = new Map<unknown, Disposable>();
  /** A new connection of a proxy, through which `chunks` come in. */
  const accept = (proxy: string, chunks: string[] = ["ping"]) => {
    const observer = observers.get(proxy)!;
    const connection = new Script(chunks);
    const id = observer.nextId();
    const peer = connection.peer;
    const watch = observer.accepted({ connection, id, peer, local: "here", log: silent });
    const connect = (peer: string) => watch.connected(Object.assign(new Script([]), { peer }));
    const tapped = Object.assign(tap(connection, watch.client), { connect });
    accepted.set(tapped, watch);
    return tapped;
  };
  /** Both sides of an accepted connection are closed. */
  const end = (connection: unknown) => accepted.get(connection)![Symbol.dispose]();
  return { recordings, history, accept, end, watches };
}

class Reader {
  readonly leave = new AbortController();
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(recordings: Recordings, proxy?: string, only?: number) {
    this.response = recordings.open(proxy, this.leave.signal, only);
    this.#reader = this.response.body!.getReader();
  }

  /** What waits, as events without their time; undefined at the end. */
  async next(): Promise<Record<string, unknown>[] | undefined> {
    const { value, done } = await soon(this.#reader.read(), "events");
    if (done) return undefined;
    const lines = new TextDecoder().decode(value).split("\n");
    return lines.filter(Boolean).map((line) => {
      const { t: _, steps, ...event } = JSON.parse(line);
      return steps
        ? { ...event, steps: steps.map(({ t: _, ...step }: { t: number }) => step) }
        : event;
    });
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

Deno.test("a recording has what its proxy's connections do, and no other's", async () => {
  const { recordings, accept } = control();
  const reader = new Reader(recordings, "web");
  assertEquals(reader.response.headers.get("content-type"), "application/jsonl");
  const [mine, other] = [accept("web"), accept("db")];
  for (const connection of [other, mine]) {
    await readAll(connection);
    await connection.write(encode("pong"));
    await connection.closeWrite();
    connection.close();
  }
  assertEquals(await reader.next(), [
    { id: 1, event: "open", dir: "in", peer: "script", local: "here" },
    { id: 1, event: "data", dir: "in", text: "ping" },
    { id: 1, event: "half-close", dir: "in" },
    { id: 1, event: "data", dir: "out", text: "pong" },
    { id: 1, event: "half-close", dir: "out" },
    { id: 1, event: "close", dir: "out" },
  ]);
  await reader.cancel();
});

Deno.test("a recording of one connection has no other, and ends with it", async () => {
  const { recordings, accept, end } = control();
  const [one, other] = [accept("web"), accept("web")];
  const reader = new Reader(recordings, undefined, 1);
  for (const connection of [other, one]) {
    await readAll(connection);
    connection.close();
    end(connection);
  }
  assertEquals(await reader.next(), [
    { id: 1, event: "open", dir: "in", peer: "script", local: "here" },
    { id: 1, event: "data", dir: "in", text: "ping" },
    { id: 1, event: "half-close", dir: "in" },
    { id: 1, event: "close", dir: "out" },
  ]);
  assertEquals(await reader.next(), undefined);
});

Deno.test("a recording begins with the connections that are open", async () => {
  const { recordings, accept } = control();
  const [old, closing] = [accept("web", ["before", "after"]), accept("web")];
  const buffer = new Uint8Array(100);
  await old.read(buffer);
  closing.close();
  const reader = new Reader(recordings);
  await old.read(buffer);
  assertEquals(await reader.next(), [
    { id: 1, event: "open", dir: "in", peer: "script", local: "here" },
    { id: 1, event: "data", dir: "in", text: "after" },
  ]);
  await reader.cancel();
});

Deno.test("a recording says which target a connection is joined to, then or before", async () => {
  const { recordings, accept } = control();
  const old = accept("web");
  old.connect("ws://h/x?token=SECRET");
  const reader = new Reader(recordings);
  const late = accept("web");
  late.connect("127.0.0.1:2");
  late.close();
  const open = { event: "open", dir: "in", peer: "script", local: "here" };
  const connected = (address: string) => [{ step: "connected", leg: "target", address }];
  assertEquals(await reader.next(), [
    { id: 1, ...open, steps: connected("ws://h/x?token=***") },
    { id: 2, ...open },
    { id: 2, event: "close", dir: "out", steps: connected("127.0.0.1:2") },
  ]);
  await reader.cancel();
});

Deno.test("a reader that goes away costs nothing any more", async () => {
  const { recordings, watches } = control();
  const readers = [0, 1].map(() => new Reader(recordings, "web"));
  assertEquals(watches.count, 2);
  await readers[0]!.cancel();
  assertEquals(watches.count, 1);
  readers[1]!.leave.abort();
  assertEquals(watches.count, 0);
});

Deno.test("a reader that is too slow ends its recording with a line that says so", async () => {
  const { recordings, accept, watches } = control();
  const reader = new Reader(recordings, "web");
  const busy = accept("web", []);
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  let sent = 0;
  while (watches.count > 0) {
    await busy.write(chunk);
    sent++;
  }
  assertEquals(sent > 60 && sent <= 64, true, `${sent} pieces of 64 KiB in 4 MiB`);
  accept("web");
  const events = (await reader.next())!;
  assertEquals(events.length, 1 + sent);
  assertEquals(events.at(-1), {
    id: 1,
    event: "error",
    text: "the reader was too slow: the recording ends here",
  });
  assertEquals(await reader.next(), undefined);
});

Deno.test("one event of any length is recorded", async () => {
  const { recordings, accept } = control();
  const busy = accept("web", []);
  const reader = new Reader(recordings, "web");
  await reader.next();
  await busy.write(new Uint8Array(6 * 2 ** 20).fill(0x78));
  const [event] = (await reader.next())!;
  assertEquals((event!.text as string).length, 6 * 2 ** 20);
  await reader.cancel();
});

Deno.test("a silent recording has an empty line every few seconds", async () => {
  const reader = new Reader(control().recordings, "web");
  assertEquals(await reader.next(), []);
  await reader.cancel();
});

Deno.test("at most 8 recordings have a reader, and one that leaves makes room", async () => {
  const { recordings } = control();
  const readers = Array.from({ length: 8 }, () => new Reader(recordings));
  const refused = recordings.open(undefined, new AbortController().signal);
  assertEquals([refused.status, await refused.json()], [503, {
    error: "8 recordings have a reader already",
    status: 503,
  }]);
  await readers[0]!.cancel();
  assertEquals(new Reader(recordings).response.status, 200);
});

Deno.test("the recording of a proxy ends when that is removed, and others go on", async () => {
  const { recordings, accept } = control();
  const [web, all] = [new Reader(recordings, "web"), new Reader(recordings)];
  recordings.removed("web");
  assertEquals(await web.next(), undefined);
  accept("db");
  assertEquals((await all.next())?.length, 1);
  await all.cancel();
});

Deno.test("a recording of one connection begins with what is kept, whenever it is asked for", async () => {
  const { recordings, history, accept, end } = control();
  using _ = history;
  const holding = history.hold();
  const connection = accept("web", ["ping", "pong"]);
  const early = new Reader(recordings, undefined, 1);
  const buffer = new Uint8Array(9);
  await connection.read(buffer);
  const late = new Reader(recordings, undefined, 1);
  const first = [
    { id: 1, event: "open", dir: "in", peer: "script", local: "here" },
    { id: 1, event: "data", dir: "in", text: "ping" },
  ];
  assertEquals(await early.next(), first);
  assertEquals(await late.next(), first);
  holding[Symbol.dispose](); // Who still reads it is enough of a viewer.
  connection.connect("127.0.0.1:2");
  history.observe({ level: "debug", event: "connect", text: "", id: 1, address: "h:2" });
  await connection.read(buffer);
  const step = { id: 1, event: "step", step: "connect", leg: "target", address: "h:2" };
  assertEquals(await early.next(), [step, { id: 1, event: "data", dir: "in", text: "pong" }]);
  connection.close();
  end(connection);
  const over = new Reader(recordings, undefined, 1);
  const rest = [{ id: 1, event: "close", dir: "out" }];
  assertEquals(await early.next(), rest);
  const second = [step, { id: 1, event: "data", dir: "in", text: "pong" }];
  assertEquals(await late.next(), [...second, ...rest]);
  assertEquals(await over.next(), [...first, ...second, ...rest]);
  for (const reader of [early, late, over]) assertEquals(await reader.next(), undefined);
});

Deno.test("a recording of a connection that is about to be over ends with it", async () => {
  const { recordings, accept, end } = control();
  const connection = accept("web");
  connection.close();
  const reader = new Reader(recordings, undefined, 1);
  end(connection);
  assertEquals(await reader.next(), undefined);
});

Deno.test("a capture of one connection has the times at which things happened", async () => {
  const { recordings, history, accept } = control();
  using _ = history;
  history.hold();
  const before = Date.now();
  const connection = accept("web", ["ping"]);
  await connection.read(new Uint8Array(9));
  await new Promise((resolve) => setTimeout(resolve, 30));
  const between = Date.now();
  const { body } = recordings.open(
    undefined,
    new AbortController().signal,
    1,
    RECORDING_FORMATS.pcap,
  );
  const reader = body!.getReader();
  const { value } = await soon(reader.read(), "a capture");
  const view = new DataView(value!.buffer, value!.byteOffset);
  const time = view.getUint32(24) * 1000 + view.getUint32(28) / 1000;
  // The clock of the system and the one that only goes forwards may differ a little.
  assertEquals(
    time > before - 25 && time < between - 5,
    true,
    `${time} of ${before} to ${between}`,
  );
  await reader.cancel();
});

Deno.test("a recording of one connection says what passed before, where nothing is kept", async () => {
  const { recordings, accept } = control();
  const connection = accept("web", ["before", "after"]);
  const buffer = new Uint8Array(9);
  await connection.read(buffer);
  const reader = new Reader(recordings, undefined, 1);
  await connection.read(buffer);
  const [open, data] = (await reader.next())!;
  assertEquals([open!.omitted, data!.text], [{ in: 6, out: 0 }, "after"]);
  await reader.cancel();
});
