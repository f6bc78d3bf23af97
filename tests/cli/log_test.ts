import { assert, assertEquals, assertMatch } from "@std/assert";
import { setColorEnabled } from "@std/fmt/colors";
import { type LogOptions, stderrLog } from "../../src/cli/log.ts";
import type { Log } from "../../src/core/log.ts";
import { libc } from "../../src/transports/libc.ts";
import { until } from "../support/wait.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

/** What a log writes to stderr. */
function stderr(options: Partial<LogOptions>, use: (log: Log) => void): string {
  const { writeSync } = Deno.stderr;
  let text = "";
  Deno.stderr.writeSync = (bytes) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    use(stderrLog({ level: "trace", format: "text", color: false, ...options }));
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
  return text;
}

const EVIL = "a\nb\r\t\x1b]52;c;x\x07\x9b1m\u202ez\u2028";

Deno.test("a line for each event, with the connection's number, errors marked", () => {
  const text = stderr({}, (log) => {
    log.info("listening", "listening on tcp://127.0.0.1:9", { address: "tcp://127.0.0.1:9" });
    log.with({ id: 2 }).debug("accept", "accept 127.0.0.1:1");
    log.with({ id: 2 }).error("broken", "reset");
    log.error("error", "no");
  });
  assertEquals(
    text,
    "listening on tcp://127.0.0.1:9\n[2] accept 127.0.0.1:1\ncoax: [2] reset\ncoax: no\n",
  );
});

Deno.test("one event is one line of harmless characters, whatever a peer sent", () => {
  for (const format of ["text", "json"] as const) {
    const text = stderr({ format }, (log) => log.info("x", EVIL, { peer: EVIL, error: EVIL }));
    assertEquals(text.indexOf("\n"), text.length - 1, format);
    assert(!/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/.test(text), JSON.stringify(text));
  }
});

Deno.test("JSON has one object a line with time, level, event, the fields and the text", () => {
  const text = stderr({ format: "json" }, (log) => {
    log.with({ id: 1, peer: EVIL }).warn("odd", "refused them", { sent: 3, error: undefined });
    log.info("listening", "ok");
  });
  const [first, second] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const { time, ...rest } = first;
  assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(rest, {
    level: "warn",
    event: "odd",
    id: 1,
    peer: EVIL,
    sent: 3,
    message: "refused them",
  });
  assertEquals(second.event, "listening");
});

Deno.test("secrets in URLs are masked in every field, but not in addresses to paste and dumps", () => {
  const secret = "ws://u:pa55@h/?token=s3cret";
  const use = (log: Log) => log.info("connect", `to ${secret}`, { address: secret, status: 2 });
  assertEquals(stderr({}, use), "to ws://***@h/?token=***\n");
  const { address, message, status } = JSON.parse(stderr({ format: "json" }, use));
  assertEquals([address, message, status], [
    "ws://***@h/?token=***",
    "to ws://***@h/?token=***",
    2,
  ]);
  for (const event of ["listening", "dump"]) {
    assertEquals(stderr({}, (log) => log.info(event, secret)), `${secret}\n`);
  }
});

Deno.test("colour wraps a line and changes nothing in it, and NO_COLOR counts always", () => {
  setColorEnabled(true);
  const text = stderr({ color: true }, (log) => log.error("error", EVIL));
  assertMatch(
    text,
    Deno.noColor ? /^coax: a\\nb[^\x1b\n]*\n$/ : /^\x1b\[31mcoax: a\\nb[^\x1b\n]*\x1b\[39m\n$/,
  );
});

Deno.test("the two directions of a hexdump have two colours", () => {
  setColorEnabled(true);
  const dump = (line: string) => stderr({ color: true }, (log) => log.asked("dump", line));
  if (Deno.noColor) return assertEquals(dump("< 00000000"), "< 00000000\n");
  assertEquals(dump("< 00000000"), "\x1b[36m< 00000000\x1b[39m\n");
  assertEquals(dump("> 00000000"), "\x1b[35m> 00000000\x1b[39m\n");
});

Deno.test("a hexdump is no error, and its lines have no prefix", () => {
  const dump = (log: Log) => log.with({ id: 1 }).asked("dump", "< 00000000");
  assertEquals(stderr({ level: "error" }, dump), "[1] < 00000000\n");
  const json = JSON.parse(stderr({ level: "error", format: "json" }, dump));
  assertEquals([json.level, json.event, json.message], ["info", "dump", "< 00000000"]);
});

Deno.test("a log writes nothing below its level", () => {
  assertEquals(stderr({ level: "error" }, (log) => log.warn("w", "no")), "");
});

Deno.test("a stderr that can't be written to is no error", () => {
  const { writeSync } = Deno.stderr;
  Deno.stderr.writeSync = () => {
    throw new Deno.errors.BrokenPipe("gone");
  };
  try {
    stderrLog({ level: "info", format: "text", color: false }).error("error", "nobody hears");
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
});

Deno.test("connections that are over in a burst take few writes, in order with other lines", async () => {
  const { write } = Deno.stderr;
  const writes: string[] = [];
  Deno.stderr.write = (bytes) => {
    writes.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  };
  try {
    const log = stderrLog({ level: "info", format: "text", color: false });
    const over = (from: number, to: number) => {
      for (let id = from; id < to; id++) log.with({ id }).info("closed", "a → b");
    };
    over(0, 2000);
    log.with({ id: 7 }).error("failed", "reset");
    over(2000, 2100);
    await until(() => writes.join("").includes("[2099]"), "the last lines");
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `[${from + i}] a → b\n`).join("");
    assertEquals(
      writes.join(""),
      `${lines(0, 2000)}coax: [7] reset\n${lines(2000, 2100)}`,
    );
    assert(writes.length < 20, `${writes.length} writes`);
    assert(writes.every((text) => text.endsWith("\n")));
    await new Promise((resolve) => setTimeout(resolve, 50));
    writes.length = 0;
    over(3000, 3001);
    assertEquals(writes, [lines(3000, 3001)], "one alone doesn't wait");
  } finally {
    Deno.stderr.write = write;
  }
});

Deno.test("lines of errors that were dropped are told of under -q, too", async () => {
  const { write } = Deno.stderr;
  const free = Promise.withResolvers<void>();
  let text = "";
  Deno.stderr.write = async (bytes) => {
    await free.promise;
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    const log = stderrLog({ level: "error", format: "text", color: false });
    const failed = () => log.error("failed", "x".repeat(2000));
    for (let i = 0; i < 1000; i++) failed();
    free.resolve();
    await until(() => / lines dropped: /.test(text), "the line on those that were dropped");
    assertMatch(text, /\ncoax: \d+ lines dropped: stderr took nothing for too long\n$/);
  } finally {
    Deno.stderr.write = write;
  }
});
