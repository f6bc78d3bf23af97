import { assertEquals } from "@std/assert";
import { type Event, LEVELS, type Log, silent } from "../../src/core/log.ts";
import { recorder } from "../support/log.ts";

function logAll(log: Log): void {
  for (const level of LEVELS) log[level](level, `a ${level}`);
}

Deno.test("a log writes events of its level and more important ones", () => {
  for (const [i, level] of LEVELS.entries()) {
    const { log, events } = recorder(level);
    logAll(log);
    assertEquals(events.map((event) => event.level), LEVELS.slice(0, i + 1));
    assertEquals(LEVELS.filter((each) => log.enabled(each)), LEVELS.slice(0, i + 1));
  }
});

Deno.test("fields come from the log and the event; the event's count", () => {
  const { log, events } = recorder();
  log.with({ id: 1, peer: "a" }).with({ address: "x" }).info("accept", "came", { peer: "b" });
  const expected: Event = {
    level: "info",
    event: "accept",
    text: "came",
    id: 1,
    peer: "b",
    address: "x",
  };
  assertEquals(events, [expected]);
});

Deno.test("with leaves the log that it was called on alone", () => {
  const { log, events } = recorder();
  log.with({ id: 1 });
  log.warn("w", "plain");
  assertEquals(events, [{ level: "warn", event: "w", text: "plain" }]);
});

Deno.test("requested output has level info, and is written at any level", () => {
  for (const level of LEVELS) {
    const { log, events } = recorder(level);
    log.with({ id: 1 }).asked("dump", "< 00");
    assertEquals(events, [{ level: "info", event: "dump", text: "< 00", id: 1 }]);
  }
});

Deno.test("the silent log takes everything and is enabled for errors alone", () => {
  logAll(silent);
  assertEquals(LEVELS.filter((level) => silent.enabled(level)), ["error"]);
});

Deno.test("a log may have several observers, each of which gets every event", () => {
  const { log } = recorder("error");
  const seen: string[] = [];
  const observed = log.observed(({ event }) => seen.push(`first ${event}`))
    .observed(({ event }) => seen.push(`second ${event}`));
  observed.with({ id: 1 }).trace("read", "x");
  assertEquals(seen, ["first read", "second read"]);
});
