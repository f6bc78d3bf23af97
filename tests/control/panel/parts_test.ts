/** The panel's smaller parts: streams of events, rates, sliders, lists, words. */
import { assert, assertEquals } from "@std/assert";
import { attributeNames, TOXIC_TYPES } from "../../../src/faults/attributes.ts";
import { EventStreamParser } from "../../../src/control/panel/event_stream.ts";
import { ConnectionTable } from "../../../src/control/panel/connection_table.ts";
import { canAct, FAULTS, newToxic, placeOf, scaleOf } from "../../../src/control/panel/faults.ts";
import {
  formatAge,
  formatBytes,
  formatMilliseconds,
  shown,
} from "../../../src/control/panel/format.ts";
import {
  listConnections,
  WHICH,
  type Which,
  windowOf,
} from "../../../src/control/panel/listing.ts";
import { Rates } from "../../../src/control/panel/rates.ts";
import { RoundTripSamples } from "../../../src/control/panel/round_trip_samples.ts";
import { nextTheme, type Theme } from "../../../src/control/panel/theme.ts";
import { type Change, Tuner } from "../../../src/control/panel/tuner.ts";
import type { Proxy } from "../../../src/control/panel/wire.ts";
import { preferred } from "../../../src/control/panel/words/mod.ts";
import { chinese } from "../../../src/control/panel/words/chinese.ts";
import { english } from "../../../src/control/panel/words/english.ts";
import { at, connection, sumsOf, told } from "./events.ts";

Deno.test("panel: events are the same however their stream is cut", () => {
  const text = 'event: log\ndata: {"a":1}\n\nevent: sums\ndata: {"b":2}\n\n';
  const whole = new EventStreamParser().push(text);
  assertEquals(whole, [{ event: "log", data: '{"a":1}' }, { event: "sums", data: '{"b":2}' }]);
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new EventStreamParser();
    assertEquals([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))], whole);
  }
});

Deno.test("panel: rates are bytes a second between two sums, and begin anew with a proxy", () => {
  const rates = new Rates();
  rates.add(at(0), sumsOf("a", { received: 1000, sent: 0 }));
  assertEquals(rates.samples, []);
  rates.add(at(0.5), sumsOf("a", { received: 2000, sent: 10 }));
  assertEquals(rates.latest, { time: at(0.5), up: 2000, down: 20 });
  rates.add(at(1), sumsOf("a", { received: 0, sent: 0 }));
  rates.add(at(1), sumsOf("a", { received: 9, sent: 9 }));
  assertEquals(rates.samples.length, 1);
});

Deno.test("panel: round trips are kept in milliseconds, with gaps, and the latest stays", () => {
  const roundTrips = new RoundTripSamples();
  roundTrips.add(at(0), { count: 0 });
  assertEquals(roundTrips.latest, undefined);
  roundTrips.add(at(0.5), { count: 9, p50: 210, p99: 120_000 });
  roundTrips.add(at(0.5), { count: 1, p50: 1, p99: 1 });
  roundTrips.add(at(1), { count: 0 });
  const latest = { time: at(0.5), count: 9, median: 0.21, p99: 120 };
  assertEquals(roundTrips.latest, latest);
  assertEquals(roundTrips.samples, [
    { time: at(0), count: 0, median: null, p99: null },
    latest,
    { time: at(1), count: 0, median: null, p99: null },
  ]);
  for (let i = 0; i < 1000; i++) roundTrips.add(at(i + 2), { count: 0 });
  assertEquals([roundTrips.samples.length, roundTrips.latest], [240, latest]);
});

Deno.test("panel: every type of toxic has its sliders, but noop and flags", () => {
  const types = FAULTS.map(({ type }) => type);
  assertEquals(types.toSorted(), TOXIC_TYPES.filter((type) => type !== "noop").toSorted());
  for (const { type, knobs } of FAULTS) {
    const known = attributeNames(type as (typeof TOXIC_TYPES)[number]);
    for (const { name } of knobs) assert(known.includes(name), `${type} ${name}`);
    for (const words of [english, chinese]) {
      assert(words.fault[type], type);
      for (const { name } of knobs) assert(words.knob[name], name);
    }
  }
});

Deno.test("panel: each place of a slider is a value of its own, and finds its place again", () => {
  for (const knob of FAULTS.flatMap(({ knobs }) => knobs)) {
    const scale = scaleOf(knob);
    assertEquals([scale[0], scale.at(-1)], [0, knob.max]);
    for (const [place, value] of scale.entries()) assertEquals(placeOf(knob, value), place);
    assertEquals(placeOf(knob, knob.max * 2), scale.length - 1);
  }
});

Deno.test("panel: faults are offered where they can act", () => {
  const proxy = (listen: string, upstream: string): Proxy => ({
    name: "a",
    listen,
    upstream,
    enabled: true,
    toxics: [],
  });
  const loss = FAULTS.find(({ type }) => type === "loss")!;
  const slicer = FAULTS.find(({ type }) => type === "slicer")!;
  const mixed = proxy("127.0.0.1:1", "ws://127.0.0.1:2");
  assertEquals([canAct(loss, "upstream", mixed), canAct(loss, "downstream", mixed)], [true, false]);
  assertEquals(canAct(slicer, "upstream", mixed), false);
  assertEquals(canAct(slicer, "downstream", mixed), true);
  for (const upstream of ["udp://:2", "unixgram:/run/x", "ws+unix:/run/x:/", "wss://host"]) {
    assertEquals(canAct(loss, "upstream", proxy("127.0.0.1:1", upstream)), true, upstream);
  }
});

Deno.test("panel: a slider sends one change at a time, and the latest last", async () => {
  const sent: Change[] = [];
  let release = Promise.withResolvers<void>();
  let refreshed = 0;
  const tuner = new Tuner(async (_proxy, _toxic, change) => {
    sent.push(change);
    await release.promise;
  }, () => Promise.resolve(void refreshed++));
  const toxic = newToxic(FAULTS[0]!, "upstream");
  const first = tuner.tune("a", toxic.name, { attributes: { latency: 1 } });
  for (const latency of [2, 3, 4]) void tuner.tune("a", toxic.name, { attributes: { latency } });
  assertEquals(tuner.tuned("a", toxic).attributes, { latency: 4, jitter: 0 });
  assertEquals(sent.length, 1);
  release.resolve();
  release = Promise.withResolvers();
  release.resolve();
  await first;
  assertEquals(sent.map(({ attributes }) => attributes?.latency), [1, 4]);
  assertEquals(refreshed, 1);
  assertEquals(tuner.tuned("a", toxic), toxic);
});

Deno.test("panel: a list finds peers, targets and numbers, and of rows those that are seen", () => {
  const table = new ConnectionTable();
  table.snapshot(at(1), [1, 2, 12].map((id) => connection(id, { sent: id })));
  const ids = (text: string, order: "newest" | "sent" | "oldest" = "newest") =>
    listConnections(table, { proxy: "a", text, order, which: "all" }).map(({ id }) => id);
  assertEquals(ids(""), [12, 2, 1]);
  assertEquals(ids("", "oldest"), [1, 2, 12]);
  assertEquals(ids("#2"), [2]);
  assertEquals(ids(":40012"), [12]);
  assertEquals(ids("nobody"), []);
  table.observe(at(2), told("close", 12));
  const which = (which: Which) =>
    listConnections(table, { proxy: "a", text: "", order: "oldest", which }).map(({ id }) => id);
  assertEquals(WHICH.map(which), [[1, 2, 12], [1, 2], [12]]);
  const query = { proxy: "b", text: "", order: "newest", which: "all" } as const;
  assertEquals(listConnections(table, query), []);
  const { start, end } = windowOf(5000, 40, 100_000, 400);
  assert(start <= 2500 && end >= 2510 && end - start < 40);
  assertEquals(windowOf(3, 40, 0, 400), { start: 0, end: 3 });
});

Deno.test("panel: numbers and others' text are written for people", () => {
  const sizes = [0, 999, 1000, 1234, 99_949, 999_499, 999_500, 1e9].map(formatBytes);
  assertEquals(sizes, [
    "0 B",
    "999 B",
    "1.00 kB",
    "1.23 kB",
    "99.9 kB",
    "999 kB",
    "1.00 MB",
    "1.00 GB",
  ]);
  const ages = [400, 12_000, 185_000, 7_384_000].map(formatAge);
  assertEquals(ages, ["0.4 s", "12 s", "3:05", "2:03:04"]);
  assertEquals(shown("a\u202eb\x1b[31m\n"), "a\\u{202e}b\\x1b[31m\\n");
  const times = [0, 0.207, 3.44, 38, 119.6, 999.4, 999.6, 61_000].map(formatMilliseconds);
  assertEquals(times, [
    "0 ms",
    "0.21 ms",
    "3.44 ms",
    "38 ms",
    "120 ms",
    "999 ms",
    "1 s",
    "61 s",
  ]);
});

Deno.test("panel: the first of the reader's languages that there are words for", () => {
  assertEquals(preferred(["de-DE", "zh-TW", "en"]), "zh");
  assertEquals(preferred(["fr"]), "en");
});

Deno.test("panel: the colors go round", () => {
  const themes: Theme[] = ["system"];
  for (let i = 0; i < 3; i++) themes.push(nextTheme(themes.at(-1)!));
  assertEquals(themes, ["system", "light", "dark", "system"]);
});
