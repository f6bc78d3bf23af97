import { assertEquals } from "@std/assert";
import { LocalError } from "../../src/core/errors.ts";
import type { Incoming, Listener } from "../../src/core/listener.ts";
import { serveScrapers } from "../../src/relay/metrics_server.ts";
import { recorder } from "../support/log.ts";
import { memoryPair } from "../support/memory.ts";
import { soon, until } from "../support/wait.ts";

const forever = new AbortController().signal;

/** Accepts what `accept` yields, then nobody until it is closed. */
function listener(accept: () => Incoming): Listener & { closed: boolean } {
  const closing = Promise.withResolvers<null>();
  let count = 0;
  return {
    addresses: ["memory:metrics"],
    closed: false,
    accept: async () => count++ === 0 ? accept() : await closing.promise,
    close() {
      this.closed = true;
      closing.resolve(null);
    },
  };
}

function scraper(): Incoming {
  const [, connection] = memoryPair();
  const open = () => Promise.resolve(connection);
  return {
    peer: "memory:scraper",
    local: "memory:metrics",
    open,
    refuse: () => connection.close(),
  };
}

Deno.test("metrics are served until they are disposed of", async () => {
  const { log, events } = recorder("warn");
  const open = listener(scraper);
  let answered = 0;
  {
    await using _ = serveScrapers(
      [open],
      (connection) => {
        answered++;
        connection.close();
        return Promise.resolve();
      },
      log,
      forever,
    );
    await until(() => answered === 1, "a scrape");
    assertEquals(open.closed, false);
  }
  assertEquals([open.closed, events], [true, []]);
});

Deno.test("a failed accept is logged, and metrics go on", async () => {
  const { log, events } = recorder("warn");
  const server = serveScrapers(
    [
      listener(() => {
        throw new Error("no descriptors");
      }),
    ],
    () => Promise.resolve(),
    log,
    forever,
  );
  await until(() => events.length > 0, "the line");
  await soon(server[Symbol.asyncDispose](), "its end");
  assertEquals(events.map(({ event, text }) => [event, text]), [[
    "accept-failed",
    "no descriptors",
  ]]);
});

Deno.test("an error that ends the serving of metrics is logged, and doesn't reject", async () => {
  const { log, events } = recorder("warn");
  const open = listener(scraper);
  const server = serveScrapers(
    [open],
    (connection) => {
      connection.close();
      return Promise.reject(new LocalError("write", "stdout", "broken pipe"));
    },
    log,
    forever,
  );
  await until(() => events.length > 0, "the line");
  await soon(server[Symbol.asyncDispose](), "its end");
  assertEquals(events.map(({ level, event }) => [level, event]), [["error", "failed"]]);
  assertEquals(events[0]!.text.startsWith("metrics are told no more: "), true);
  assertEquals(open.closed, true);
});

Deno.test("a listener that can't name its peers ends the serving with a line", async () => {
  const { log, events } = recorder("warn");
  const gone = {
    ...scraper(),
    get peer(): string {
      throw new Error("reset");
    },
  };
  const server = serveScrapers([listener(() => gone)], () => Promise.resolve(), log, forever);
  await until(() => events.length > 0, "the line");
  await soon(server[Symbol.asyncDispose](), "its end");
  assertEquals(events.map(({ text }) => text), ["metrics are told no more: reset"]);
});
