/** Plots of how much has arrived: bandwidth, limits, a stall, and pieces. */
import { sleep } from "../../src/core/time.ts";
import type { Figure, Mark, Point } from "./figure.ts";
import { type Lab, send, source, type ToxicRequest } from "./lab.ts";
import { bytesOf, receive, type Reception } from "./receiving.ts";

/** Seconds, and kilobytes that have come until then. */
function curveOf({ arrivals, end }: Reception): Point[] {
  let sum = 0;
  const points = arrivals.map(({ at, size }): Point => [at / 1000, (sum += size) / 1000]);
  return [[0, 0], ...points, ...(end ? [[end.at / 1000, sum / 1000] as const] : [])];
}

/** What a client receives of a server that sends as fast as it can. */
async function flowThrough(
  lab: Lab,
  toxics: readonly ToxicRequest[],
  ms: number,
): Promise<Reception> {
  const proxy = await lab.proxy(lab.serve(source()), toxics);
  return await receive(await proxy.connect(), ms);
}

const line = (rate: number): ToxicRequest => ({ type: "bandwidth", attributes: { rate } });

export async function bandwidth(lab: Lab): Promise<Figure> {
  const rates = [100, 200, 400];
  const receptions = await Promise.all(rates.map((rate) => flowThrough(lab, [line(rate)], 3000)));
  const curves = receptions.map(curveOf);
  const measured = curves.map((curve) => {
    const [[first], [last, sum]] = [curve[1]!, curve.at(-1)!];
    return ((sum - curve[1]![1]) / (last - first)).toFixed(1);
  });
  return {
    name: "bandwidth",
    title: "bandwidth: what has arrived of an endless download",
    measured: `Measured: ${measured.join(", ")} kB/s. It comes in pieces of at most 100 ms.`,
    x: { label: "s", to: 3.2, ticks: [0, 1, 2, 3] },
    y: { label: "kB", to: 1200, ticks: [0, 400, 800, 1200] },
    marks: curves.flatMap((curve, i): Mark[] => {
      const series = i as 0 | 1 | 2;
      return [
        { kind: "stairs", series, points: curve },
        { kind: "text", series, at: curve.at(-2)!, text: `${rates[i]}` },
      ];
    }),
  };
}

export async function limitData(lab: Lab): Promise<Figure> {
  const limits = [100_000, 250_000];
  const receptions = await Promise.all(
    limits.map((bytes) =>
      flowThrough(lab, [line(200), { type: "limit_data", attributes: { bytes } }], 5000)
    ),
  );
  const ends = receptions.map((reception) => curveOf(reception).at(-1)!);
  const sums = receptions.map((it) => `${bytesOf(it)} bytes, then ${it.end?.how ?? "nothing"}`);
  return {
    name: "limit_data",
    title: "limit_data, on a line of 200 kB/s",
    measured: `Received: ${sums.join("; ")}.`,
    x: { label: "s", to: 2, ticks: [0, 0.5, 1, 1.5, 2] },
    y: { label: "kB", to: 300, ticks: [0, 100, 200, 300] },
    marks: receptions.flatMap((reception, i): Mark[] => {
      const series = i as 0 | 1;
      const end = ends[i]!;
      return [
        { kind: "stairs", series, points: curveOf(reception) },
        { kind: "ends", series, points: [end] },
        { kind: "text", series, at: [end[0], end[1] - 40], text: `bytes=${limits[i]}` },
      ];
    }),
  };
}

export async function stall(lab: Lab): Promise<Figure> {
  const [bytes, removed] = [100_000, 1500];
  const proxy = await lab.proxy(lab.serve(source()), [
    line(200),
    { type: "stall", attributes: { bytes } },
  ]);
  const [reception] = await Promise.all([
    receive(await proxy.connect(), 2500),
    sleep(removed).then(() => proxy.remove("stall")),
  ]);
  const before = reception.arrivals.filter(({ at }) => at < removed);
  const after = reception.arrivals.find(({ at }) => at >= removed);
  return {
    name: "stall",
    title: "stall: bytes=100000, on a line of 200 kB/s",
    measured: `${bytesOf({ arrivals: before })} bytes, then none; the next ` +
      `${((after?.at ?? NaN) - removed).toFixed(0)} ms after the toxic was removed.`,
    x: { label: "s", to: 2.5, ticks: [0, 0.5, 1, 1.5, 2, 2.5] },
    y: { label: "kB", to: 300, ticks: [0, 100, 200, 300] },
    marks: [
      { kind: "change", x: removed / 1000, text: "removed" },
      { kind: "stairs", series: 0, points: curveOf(reception) },
    ],
  };
}

/** The pieces in which 1000 bytes arrive, by when they do. */
async function piecesThrough(lab: Lab, toxics: readonly ToxicRequest[]): Promise<Point[]> {
  const server = lab.serve((conn) => send(conn, new Uint8Array(1000)));
  const proxy = await lab.proxy(server, toxics);
  const { arrivals } = await receive(await proxy.connect(), 5000);
  return arrivals.map(({ at, size }) => [at, size]);
}

function piecesFigure(about: Pick<Figure, "name" | "title">, points: readonly Point[]): Figure {
  const sizes = points.map(([, size]) => size);
  const gaps = points.slice(1).map(([at], i) => at - points[i]![0]);
  const gap = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? NaN;
  const range = [...new Set([Math.min(...sizes), Math.max(...sizes)])].join(" to ");
  return {
    ...about,
    measured: `1000 bytes in ${points.length} pieces of ${range}, ${gap.toFixed(1)} ms apart.`,
    x: { label: "ms", to: 150, ticks: [0, 50, 100, 150] },
    y: { label: "bytes in one read", to: 160, ticks: [0, 50, 100, 150] },
    marks: [
      { kind: "stems", series: 0, points },
      { kind: "dots", series: 0, points },
    ],
  };
}

export async function slicer(lab: Lab): Promise<Figure> {
  const attributes = { average_size: 100, size_variation: 50, delay: 10_000 };
  const points = await piecesThrough(lab, [{ type: "slicer", attributes }]);
  const title = "slicer: average_size=100, size_variation=50, delay=10000";
  return piecesFigure({ name: "slicer", title }, points);
}

export async function chop(lab: Lab): Promise<Figure> {
  const toxics = [{ type: "chop", attributes: { size: 100 } }, line(10)] as const;
  const points = await piecesThrough(lab, toxics);
  return piecesFigure({ name: "chop", title: "chop: size=100, on a line of 10 kB/s" }, points);
}
