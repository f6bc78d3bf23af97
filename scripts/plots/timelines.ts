/** Plots of when a connection begins and ends: a row for each connection. */
import { sleep } from "../../src/core/time.ts";
import type { Figure, Mark, Point } from "./figure.ts";
import { echo, type Lab, type Proxy, send, type ToxicRequest } from "./lab.ts";
import { type Arrival, receive, type Reception } from "./receiving.ts";

/** One connection: what its dots mean is said in the figure's title. */
interface Row {
  readonly name: string;
  readonly reception: Reception;
}

/** Time for which a connection that doesn't end is watched, milliseconds. */
const WATCHED = 1300;

function timelines(about: Pick<Figure, "name" | "title" | "measured">, rows: Row[]): Figure {
  const series = (row: number) => (row % 3) as 0 | 1 | 2;
  return {
    ...about,
    x: { label: "ms", to: WATCHED, ticks: [0, 300, 600, 900, 1200] },
    y: { rows: rows.map(({ name }) => name) },
    marks: rows.flatMap(({ reception: { arrivals, end } }, row): Mark[] => {
      const last: Point = [end?.at ?? WATCHED, row];
      return [
        { kind: "line", series: series(row), points: [[0, row], last] },
        { kind: "dots", series: series(row), points: arrivals.map(({ at }) => [at, row]) },
        ...(end ? [{ kind: "ends", series: series(row), points: [last] } as const] : []),
        { kind: "text", series: series(row), at: last, text: end?.how ?? "" },
      ];
    }),
  };
}

/** When connections ended, or that they didn't. */
function endsOf(rows: readonly Row[]): string {
  const texts = rows.map(({ reception: { end } }) =>
    end ? `${end.how} at ${end.at.toFixed(0)} ms` : "still open"
  );
  return `${texts.join(", ")}.`;
}

/** Answers at once and closes. */
const answer = (conn: Deno.Conn) => send(conn, new Uint8Array(100));

export async function slowClose(lab: Lab): Promise<Figure> {
  const rows: Row[] = [];
  for (const delay of [0, 300, 900]) {
    const proxy = await lab.proxy(lab.serve(answer), [{
      type: "slow_close",
      attributes: { delay },
    }]);
    rows.push({ name: `delay=${delay}`, reception: await receive(await proxy.connect(), WATCHED) });
  }
  const title = "slow_close: the data (dot) comes at once, the end (cross) later";
  return timelines({ name: "slow_close", title, measured: endsOf(rows) }, rows);
}

export async function slowOpen(lab: Lab): Promise<Figure> {
  const server = lab.serve(async (conn) => {
    await answer(conn);
    await sleep(WATCHED);
  });
  const rows: Row[] = [];
  for (const delay of [0, 300, 900]) {
    const proxy = await lab.proxy(server, [{
      type: "slow_open",
      attributes: { delay },
    }]);
    rows.push({ name: `delay=${delay}`, reception: await receive(await proxy.connect(), WATCHED) });
  }
  const firsts = rows.map(({ reception: { arrivals } }) => arrivals[0]?.at.toFixed(0));
  const measured = `First byte at ${firsts.join(", ")} ms.`;
  const title = "slow_open: connected at 0, the first data (dot) later";
  return timelines({ name: "slow_open", title, measured }, rows);
}

/** A client that sends a byte at each of these times, and what it sees of the end. */
async function talk(proxy: Proxy, times: readonly number[]): Promise<Reception> {
  const conn = await proxy.connect();
  const start = performance.now();
  const arrivals: Arrival[] = [];
  const sending = (async () => {
    for (const time of times) {
      await sleep(Math.max(0, start + time - performance.now()));
      await send(conn, new Uint8Array(1));
      arrivals.push({ at: performance.now() - start, size: 1 });
    }
  })().catch(() => {});
  const { end } = await receive(conn, WATCHED);
  await sending;
  return { arrivals, end };
}

export async function timeout(lab: Lab): Promise<Figure> {
  const server = lab.serve(echo);
  const toxic = (timeout: number): ToxicRequest => ({ type: "timeout", attributes: { timeout } });
  const upstream = (timeout: number) => ({ ...toxic(timeout), stream: "upstream" }) as const;
  const removed = await lab.proxy(server, [toxic(0)]);
  const [silent, talking, forever] = await Promise.all([
    talk(await lab.proxy(server, [upstream(300)]), []),
    talk(await lab.proxy(server, [upstream(300)]), [100, 300, 500, 700]),
    talk(removed, [100]),
    sleep(1000).then(() => removed.remove("timeout")),
  ]);
  const rows = [
    { name: "timeout=300, silent", reception: silent },
    { name: "timeout=300", reception: talking },
    { name: "0, removed at 1000", reception: forever },
  ];
  const title = "timeout: what is sent (dot) is lost, and the connection ends (cross)";
  return timelines({ name: "timeout", title, measured: endsOf(rows) }, rows);
}

export async function resetPeer(lab: Lab): Promise<Figure> {
  const server = lab.serve(echo);
  const toxic = (timeout: number): ToxicRequest => ({
    type: "reset_peer",
    attributes: { timeout },
  });
  const upstream = (timeout: number) => ({ ...toxic(timeout), stream: "upstream" }) as const;
  const [atOnce, later, silent] = await Promise.all([
    talk(await lab.proxy(server, [upstream(0)]), [200]),
    talk(await lab.proxy(server, [upstream(600)]), [200]),
    talk(await lab.proxy(server, [upstream(0)]), []),
  ]);
  const rows = [
    { name: "timeout=0", reception: atOnce },
    { name: "timeout=600", reception: later },
    { name: "timeout=0, silent", reception: silent },
  ];
  const title = "reset_peer: a reset (cross) after the first byte (dot)";
  return timelines({ name: "reset_peer", title, measured: endsOf(rows) }, rows);
}

export async function limitTime(lab: Lab): Promise<Figure> {
  const ticking = lab.serve(async (conn) => {
    for (;;) {
      await send(conn, new Uint8Array(10));
      await sleep(50);
    }
  });
  const rows: Row[] = [];
  for (const time of [300, 900]) {
    const proxy = await lab.proxy(ticking, [{ type: "limit_time", attributes: { time } }]);
    rows.push({ name: `time=${time}`, reception: await receive(await proxy.connect(), WATCHED) });
  }
  const title = "limit_time: the end (cross) comes while data (dots) flows";
  return timelines({ name: "limit_time", title, measured: endsOf(rows) }, rows);
}
