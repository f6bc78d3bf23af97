/** Plots of round trips: latency, jitter, and which connections a toxicity picks. */
import { sleep } from "../../src/core/time.ts";
import { type Figure, type Mark, median, type Point, quantile } from "./figure.ts";
import { echo, Lab, type Proxy, send } from "./lab.ts";

/** Bytes of one message. */
const SIZE = 8;

/** Sends a message each `gap` milliseconds for `ms`; when each was back, and its round trip. */
async function roundTrips(conn: Deno.Conn, ms: number, gap: number): Promise<Point[]> {
  const start = performance.now();
  const sent: number[] = [];
  const trips: Point[] = [];
  const reading = (async () => {
    const buffer = new Uint8Array(4096);
    let received = 0;
    for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
      received += n;
      const now = performance.now() - start;
      while (trips.length < Math.floor(received / SIZE)) {
        trips.push([now, now - sent[trips.length]!]);
      }
    }
  })();
  for (let at = 0; at < ms; at = performance.now() - start) {
    sent.push(at);
    await send(conn, new Uint8Array(SIZE));
    await sleep(gap);
  }
  await conn.closeWrite();
  await reading;
  return trips;
}

/** One round trip, milliseconds. */
async function roundTrip(conn: Deno.Conn): Promise<number> {
  const start = performance.now();
  await send(conn, new Uint8Array(SIZE));
  await conn.read(new Uint8Array(SIZE));
  return performance.now() - start;
}

/** What is done to the open connection, and when, milliseconds. */
const CHANGES: readonly { at: number; text: string; change: (p: Proxy) => Promise<unknown> }[] = [
  {
    at: 1000,
    text: "latency=100",
    change: (proxy) => proxy.add({ type: "latency", attributes: { latency: 100 } }),
  },
  {
    at: 2000,
    text: "latency=200",
    change: (proxy) => proxy.update("latency", { latency: 200 }),
  },
  { at: 3000, text: "jitter=50", change: (proxy) => proxy.update("latency", { jitter: 50 }) },
  { at: 4000, text: "removed", change: (proxy) => proxy.remove("latency") },
];
/** Time left out of medians after a change: what was under way then, milliseconds. */
const SETTLING = 250;

export async function latency(lab: Lab): Promise<Figure> {
  const proxy = await lab.proxy(lab.serve(echo));
  using conn = await proxy.connect();
  const start = performance.now();
  const changing = (async () => {
    for (const { at, change } of CHANGES) {
      await sleep(start + at - performance.now());
      await change(proxy);
    }
  })();
  const trips = await roundTrips(conn, 5000, 20);
  await changing;
  const medians = [0, ...CHANGES.map(({ at }) => at)].map((from) =>
    median(
      trips.filter(([at]) => at > from + SETTLING && at < from + 1000)
        .map(([, ms]) => ms),
    ).toFixed(1)
  );
  return {
    name: "latency",
    title: "latency, changed while one connection is open",
    measured: `Medians: ${medians.join(", ")} ms. A round trip each 20 ms, downstream only.`,
    x: { label: "s", to: 5, ticks: [0, 1, 2, 3, 4, 5] },
    y: { label: "round trip, ms", to: 280, ticks: [0, 100, 200] },
    marks: [
      ...CHANGES.map(({ at, text }): Mark => ({ kind: "change", x: at / 1000, text })),
      { kind: "dots", series: 0, points: trips.map(([at, ms]) => [at / 1000, ms]) },
    ],
  };
}

/** Connections that measure at the same time, and exchanges of each. */
const MANY = { connections: 20, exchanges: 50 };
/** Width of a bar, milliseconds. */
const BIN = 5;

export async function jitter(lab: Lab): Promise<Figure> {
  const toxic = { type: "latency", attributes: { latency: 100, jitter: 50 } } as const;
  const proxy = await lab.proxy(lab.serve(echo), [toxic]);
  const one = async () => {
    using conn = await proxy.connect();
    const trips: number[] = [];
    while (trips.length < MANY.exchanges) trips.push(await roundTrip(conn));
    return trips;
  };
  const trips = (await Promise.all(Array.from({ length: MANY.connections }, one))).flat();
  const bins = Map.groupBy(trips, (ms) => BIN * Math.floor(ms / BIN));
  const [low, middle, high] = [0.01, 0.5, 0.99].map((part) => quantile(trips, part).toFixed(0));
  return {
    name: "jitter",
    title: "latency=100, jitter=50: each delay from 50 to 150 ms is as likely",
    measured:
      `1st percentile ${low}, median ${middle}, 99th ${high} ms; ${trips.length} exchanges.`,
    x: { label: "ms", to: 200, ticks: [0, 50, 100, 150, 200] },
    y: { label: "exchanges", to: 60, ticks: [0, 20, 40, 60] },
    marks: [{
      kind: "bars",
      width: BIN,
      series: 0,
      points: [...bins].map(([from, { length }]) => [from, length] as const).toSorted(
        ([a], [b]) => a - b,
      ),
    }],
  };
}

/** Which of 40 connections, one after the other, a toxicity of 0.3 makes slow. */
async function slowOnes(seed: number): Promise<boolean[]> {
  await using lab = await Lab.start(seed);
  const toxic = { type: "latency", toxicity: 0.3, attributes: { latency: 100 } } as const;
  const proxy = await lab.proxy(lab.serve(echo), [toxic]);
  const slow: boolean[] = [];
  while (slow.length < 40) {
    using conn = await proxy.connect();
    slow.push(await roundTrip(conn) >= 100);
  }
  return slow;
}

export async function toxicity(): Promise<Figure> {
  const runs: boolean[][] = [];
  for (const seed of [7, 7, 8]) runs.push(await slowOnes(seed));
  const pointsOf = (isSlow: boolean) =>
    runs.flatMap((run, row) =>
      run.flatMap((slow, i): Point[] => slow === isSlow ? [[i + 1, row]] : [])
    );
  const counts = runs.map((run) => run.filter((slow) => slow).length);
  return {
    name: "toxicity",
    title: "toxicity=0.3: which of 40 connections are slow",
    measured: `${counts.join(", ")} of 40 (orange). The same seed picks the same ones.`,
    x: { label: "connection", to: 40, ticks: [1, 10, 20, 30, 40] },
    y: { rows: ["--seed 7", "--seed 7, again", "--seed 8"] },
    marks: [
      { kind: "dots", series: 0, points: pointsOf(false) },
      { kind: "ends", series: 1, points: pointsOf(true) },
    ],
  };
}
