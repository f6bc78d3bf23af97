import { assertEquals, assertMatch } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { EventFeed } from "../../src/control/event_feed.ts";
import { Log, silent } from "../../src/core/log.ts";
import { tap } from "../../src/wrap/tap.ts";
import { Script } from "../support/connections.ts";
import { sleep } from "../../src/core/time.ts";
import { isPending, soon, until } from "../support/wait.ts";

const SUM = { name: "web", connections: 2, received: 10, sent: 20 };

interface Sums {
  time: string;
  missed: number;
  proxies: unknown[];
}

/** A viewer of `feed`: what it reads are whole events. */
class Viewer implements AsyncDisposable {
  readonly #leave = new AbortController();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly response: Response;
  #text = "";

  constructor(feed: EventFeed, query = "") {
    const request = new Request(`http://localhost/events${query}`, { signal: this.#leave.signal });
    this.response = feed.open(request);
    this.#reader = this.response.body!.getReader();
  }

  /** The next event's name and data. */
  async next(): Promise<{ event: string; data: string }> {
    let end: number;
    while ((end = this.#text.indexOf("\n\n")) < 0) {
      const { value, done } = await soon(this.#reader.read(), "an event");
      if (done) throw new Error(`the end, after ${JSON.stringify(this.#text)}`);
      this.#text += new TextDecoder().decode(value);
    }
    const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(this.#text.slice(0, end))!;
    this.#text = this.#text.slice(end + 2);
    return { event: event!, data: data! };
  }

  /** The next sums; events before them are dropped. */
  async sums(): Promise<Sums> {
    for (;;) {
      const { event, data } = await this.next();
      if (event === "sums") return JSON.parse(data);
    }
  }

  async log(): Promise<Record<string, unknown>> {
    for (;;) {
      const { event, data } = await this.next();
      if (event === "log") return JSON.parse(data);
    }
  }

  read() {
    return this.#reader.read();
  }

  abort(): void {
    this.#leave.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

function feedAndLog(sums = () => [SUM] as unknown[]) {
  const feed = new EventFeed(sums);
  const log = new Log(() => {}, "info").observed((event) => feed.observe(event));
  return { feed, log };
}

Deno.test("a viewer gets the sums at once and then twice a second", async () => {
  let received = 0;
  const { feed } = feedAndLog(() => [{ ...SUM, received: received++ }]);
  await using viewer = new Viewer(feed);
  assertEquals(viewer.response.headers.get("content-type"), "text/event-stream");
  const begin = performance.now();
  for (let count = 0; count < 4; count++) {
    const { missed, proxies, time } = await viewer.sums();
    assertEquals([missed, proxies], [0, [{ ...SUM, received: count }]]);
    assertMatch(time, /^\d{4}-.*Z$/);
  }
  const elapsed = performance.now() - begin;
  assertEquals(elapsed >= 1400, true, `${elapsed} ms for three intervals`);
});

Deno.test("a viewer gets the log's events, as --log-format json writes them", async () => {
  const { feed, log } = feedAndLog();
  await using viewer = new Viewer(feed);
  log.with({ id: 3, peer: "127.0.0.1:9" }).info("accept", "accept it", { received: 5 });
  const { time, ...event } = await viewer.log();
  assertMatch(String(time), /^\d{4}-.*Z$/);
  assertEquals(event, {
    level: "info",
    event: "accept",
    id: 3,
    peer: "127.0.0.1:9",
    received: 5,
    message: "accept it",
  });
});

Deno.test("events are escaped and masked, whatever a peer is called", async () => {
  const { feed, log } = feedAndLog(() => [{ ...SUM, name: "a\n\ndata: b\u2028\u202e" }]);
  await using viewer = new Viewer(feed);
  const sums = await viewer.next();
  const hostile = "\n\nevent: log\ndata: {}\r\u2028\u202e\x1b]8;;x\x07";
  log.info("accept", `accept ${hostile}`, {
    peer: hostile,
    address: "ws://user:secret@host/?token=secret",
  });
  const event = await viewer.next();
  assertEquals([sums.event, event.event], ["sums", "log"]);
  assertMatch(sums.data + event.data, /^[\x20-\x7e]*$/);
  assertEquals(JSON.parse(sums.data).proxies[0].name, "a\n\ndata: b\u2028\u202e");
  const { peer, message, address } = JSON.parse(event.data);
  assertEquals([peer, message, address], [
    hostile,
    `accept ${hostile}`,
    "ws://***@host/?token=***",
  ]);
});

const levels: [query: string, expected: string[]][] = [
  ["", ["error", "warn", "info", "debug"]],
  ["?level=error", ["error"]],
  ["?level=info", ["error", "warn", "info"]],
  ["?level=trace", ["error", "warn", "info", "debug", "trace"]],
];

for (const [query, expected] of levels) {
  Deno.test(`a viewer gets the levels that it asks for: ${query || "without asking"}`, async () => {
    const { feed, log } = feedAndLog();
    await using viewer = new Viewer(feed, query);
    for (const level of ["error", "warn", "info", "debug", "trace"] as const) log[level](level, "");
    const seen: unknown[] = [];
    while (seen.length < expected.length) seen.push((await viewer.log()).event);
    assertEquals(seen, expected);
    log.error("last", "");
    assertEquals((await viewer.log()).event, "last");
  });
}

Deno.test("an unknown level is refused", async () => {
  const { feed } = feedAndLog();
  const response = feed.open(new Request("http://localhost/events?level=all"));
  assertEquals([response.status, await response.json()], [400, {
    error: "level: expected one of error, warn, info, debug, trace",
    status: 400,
  }]);
});

Deno.test("a slow viewer has a bounded queue, and learns how much it has missed", async () => {
  const { feed, log } = feedAndLog();
  await using slow = new Viewer(feed);
  await using quick = new Viewer(feed);
  await slow.sums();
  const text = "x".repeat(1000);
  for (let count = 0; count < 1000; count++) log.info("accept", text, { count });
  let taken = 0;
  for (;;) {
    const { event, data } = await slow.next();
    if (event === "sums") {
      assertEquals(JSON.parse(data).missed, 1000 - taken);
      break;
    }
    assertEquals(JSON.parse(data).count, taken++);
  }
  assertEquals(taken > 50 && taken < 64, true, `${taken} events of 1 kB in 64 KiB`);
  log.info("accept", "again");
  assertEquals((await slow.log()).message, "again");
  assertEquals((await quick.log()).count, 0);
});

Deno.test("a viewer that stalls gets the latest sums alone", async () => {
  let asked = 0;
  const { feed } = feedAndLog(() => [++asked]);
  await using viewer = new Viewer(feed);
  await until(() => asked >= 4, "sums that nobody takes");
  assertEquals((await viewer.sums()).proxies, [asked]);
});

Deno.test("at most 16 watch, and one that leaves makes room", async () => {
  const { feed } = feedAndLog();
  const viewers = Array.from({ length: 16 }, () => new Viewer(feed));
  const refused = feed.open(new Request("http://localhost/events"));
  assertEquals([refused.status, await refused.json()], [503, {
    error: "16 viewers are watching already",
    status: 503,
  }]);
  await viewers[0]![Symbol.asyncDispose]();
  viewers[1]!.abort();
  await using _seventeenth = new Viewer(feed);
  await using _eighteenth = new Viewer(feed);
  assertEquals(feed.open(new Request("http://localhost/events")).status, 503);
  for (const viewer of viewers.slice(2)) await viewer[Symbol.asyncDispose]();
});

Deno.test("the end comes behind what was told before", async () => {
  const { feed, log } = feedAndLog();
  const viewer = new Viewer(feed);
  log.info("last", "words");
  viewer.abort();
  log.info("late", "words");
  assertEquals((await viewer.log()).event, "last");
  await viewer.sums();
  assertEquals((await viewer.read()).done, true);
});

Deno.test("an end ends a viewer that waits", async () => {
  const { feed } = feedAndLog();
  const viewer = new Viewer(feed);
  await viewer.sums();
  const end = viewer.read();
  assertEquals(await isPending(end), true);
  viewer.abort();
  assertEquals((await soon(end, "the end")).done, true);
});

Deno.test("without a viewer nothing is counted, and no timer runs", () => {
  const { feed, log } = feedAndLog(() => {
    throw new Error("nobody asked");
  });
  log.info("accept", "it");
  assertEquals(feed.open(new Request("http://localhost/events?level=x")).status, 400);
});

Deno.test("connections are watched for their steps as long as there is a viewer", async () => {
  let watched = 0;
  const watch = () => {
    watched++;
    return { [Symbol.dispose]: () => void watched-- };
  };
  const sources = {
    connections: { watch },
    logsSteps: false,
    history: { hold: watch },
    roundTrips: { watch, turn() {} },
  };
  const feed = new EventFeed(() => [], sources);
  assertEquals(watched, 0);
  {
    await using _one = new Viewer(feed);
    await using _two = new Viewer(feed);
    assertEquals(watched, 3);
  }
  assertEquals(watched, 0);
});

Deno.test("a viewer that wants a sample is told less, and how much it has missed", async () => {
  const { feed, log } = feedAndLog();
  await using all = new Viewer(feed);
  await using some = new Viewer(feed, "?sample");
  for (let id = 1; id <= 40; id++) {
    log.debug("accept", "", { id });
    log.debug("close", "", { id });
  }
  log.info("toxic-added", "");
  const idsOf = async (viewer: Viewer) => {
    const ids: unknown[] = [];
    for (;;) {
      const { id, event } = await viewer.log();
      if (event === "toxic-added") return ids;
      ids.push(id);
    }
  };
  assertEquals((await idsOf(all)).length, 80);
  const first = Array.from({ length: 16 }, (_, i) => [i + 1, i + 1]).flat();
  assertEquals(await idsOf(some), first);
  assertEquals([(await all.sums()).missed, (await some.sums()).missed], [0, 48]);
});

Deno.test("a viewer that wants all has the steps that others have left out", async () => {
  const registry = new ConnectionRegistry();
  const nothing = () => new DisposableStack();
  const feed = new EventFeed(() => [], {
    connections: registry,
    logsSteps: false,
    history: { hold: nothing },
    roundTrips: { watch: nothing, turn() {} },
  });
  const observer = registry.observerOf("web", { upstream: () => "h:1", toxicsOf: () => [] });
  await using _some = new Viewer(feed, "?sample");
  const connection = new Script(["ping"]);
  const accepted = { connection, id: observer.nextId(), peer: "1.2.3.4:5", local: "here" };
  const client = tap(connection, observer.accepted({ ...accepted, log: silent }).client);
  await using all = new Viewer(feed);
  await client.read(new Uint8Array(9));
  assertEquals((await all.log()).event, "first-byte");
});

Deno.test("events are gathered for a viewer that wants a sample, and its end waits for none", async () => {
  const { feed, log } = feedAndLog();
  const viewer = new Viewer(feed, "?sample");
  await viewer.sums();
  const start = performance.now();
  log.info("first", "");
  const reading = viewer.read();
  await sleep(0);
  log.info("second", "");
  const isSoon = performance.now() - start < 50;
  const text = new TextDecoder().decode((await soon(reading, "events")).value);
  assertEquals(text.includes('"first"'), true);
  if (isSoon) assertEquals(text.includes('"second"'), true, text);
  log.info("last", "");
  viewer.abort();
  while (!(await soon(viewer.read(), "the end")).done);
});
