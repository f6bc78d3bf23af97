/** Plots of what becomes of datagrams and of bits: loss, duplicate, reorder, corrupt. */
import { sleep } from "../../src/core/time.ts";
import type { Figure, Mark, Point } from "./figure.ts";
import { type Lab, source, type ToxicRequest } from "./lab.ts";

/** Datagrams of one run. */
const COUNT = 100;
/** Time for the last ones to arrive, milliseconds. */
const PATIENCE = 300;

/** Sends numbered datagrams through a toxic; the numbers in the order in which they arrive. */
async function arrived(lab: Lab, toxic: ToxicRequest): Promise<number[]> {
  using ends = new DisposableStack();
  const bind = () => {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    return ends.adopt(socket, (socket) => socket.close());
  };
  const sink = bind();
  const upstream = `udp://127.0.0.1:${(sink.addr as Deno.NetAddr).port}`;
  const toxics = [{ ...toxic, stream: "upstream" }] as const;
  const { port } = await lab.proxy(upstream, toxics, "udp://127.0.0.1:0");
  const numbers: number[] = [];
  (async () => {
    for await (const [data] of sink) numbers.push(data[0]!);
  })();
  const client = bind();
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  for (let i = 1; i <= COUNT; i++) {
    await client.send(Uint8Array.of(i), to);
    await sleep(2);
  }
  await sleep(PATIENCE);
  return numbers;
}

const X = { label: "datagram", to: COUNT, ticks: [1, 20, 40, 60, 80, 100] };

export async function loss(lab: Lab): Promise<Figure> {
  const chances = [0.05, 0.2, 0.5];
  const runs: number[][] = [];
  for (const probability of chances) {
    runs.push(await arrived(lab, { type: "loss", attributes: { probability } }));
  }
  const counts = runs.map((run) => COUNT - run.length);
  return {
    name: "loss",
    title: `loss: which of ${COUNT} datagrams arrive`,
    measured: `Lost: ${counts.join(", ")} of ${COUNT}.`,
    x: X,
    y: { rows: chances.map((chance) => `probability=${chance}`) },
    marks: runs.map((run, row) => ({
      kind: "dots",
      series: row as 0 | 1 | 2,
      points: run.map((number): Point => [number, row]),
    })),
  };
}

export async function duplicate(lab: Lab): Promise<Figure> {
  const chances = [0.05, 0.2];
  const runs: number[][] = [];
  for (const probability of chances) {
    runs.push(await arrived(lab, { type: "duplicate", attributes: { probability } }));
  }
  const twins = runs.map((run) => run.filter((number, i) => run.indexOf(number) < i));
  return {
    name: "duplicate",
    title: `duplicate: which of ${COUNT} datagrams arrive twice (cross)`,
    measured: `Twice: ${twins.map(({ length }) => length).join(", ")} of ${COUNT}.`,
    x: X,
    y: { rows: chances.map((chance) => `probability=${chance}`) },
    marks: twins.flatMap((run, row): Mark[] => [
      { kind: "dots", series: 0, points: runs[row]!.map((number): Point => [number, row]) },
      { kind: "ends", series: 1, points: run.map((number): Point => [number, row]) },
    ]),
  };
}

export async function reorder(lab: Lab): Promise<Figure> {
  const window = 10;
  const numbers = await arrived(lab, { type: "reorder", attributes: { window } });
  const late = numbers.filter((number, i) => Math.max(0, ...numbers.slice(0, i)) > number).length;
  return {
    name: "reorder",
    title: `reorder: window=${window}, the order in which ${COUNT} datagrams arrive`,
    measured: `${numbers.length} arrived, ${late} of them after a later one.`,
    x: { ...X, label: "place on arrival", ticks: [1, 20, 40, 60, 100] },
    y: { label: "number when sent", to: COUNT, ticks: [0, 50, 100] },
    marks: [{
      kind: "dots",
      series: 0,
      points: numbers.map((number, i): Point => [i + 1, number]),
    }],
  };
}

/** Bytes sent for each probability. */
const SENT = 4_000_000;

/** The part of all bytes, which are 0 when sent, that isn't any more. */
async function wrongPart(lab: Lab, probability: number): Promise<number> {
  const toxic = { type: "corrupt", attributes: { probability } } as const;
  const proxy = await lab.proxy(lab.serve(source(SENT)), [toxic]);
  using conn = await proxy.connect();
  const buffer = new Uint8Array(64 * 1024);
  let [wrong, size] = [0, 0];
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    size += n;
    for (const byte of buffer.subarray(0, n)) if (byte !== 0) wrong++;
  }
  return wrong / size;
}

export async function corrupt(lab: Lab): Promise<Figure> {
  const chances = [0.00001, 0.0001, 0.001, 0.01];
  const points: Point[] = [];
  for (const chance of chances) points.push([chance, await wrongPart(lab, chance)]);
  const parts = points.map(([, part]) => part.toPrecision(3));
  return {
    name: "corrupt",
    title: "corrupt: bytes that arrive with a wrong bit",
    measured: `Measured: ${parts.join(", ")}, of ${SENT / 1e6} million bytes each.`,
    x: { label: "probability", from: 0.000005, to: 0.02, ticks: chances, isLog: true },
    y: { label: "part that is wrong", from: 0.000005, to: 0.02, ticks: chances, isLog: true },
    marks: [
      { kind: "line", series: 2, points: chances.map((chance) => [chance, chance]) },
      { kind: "dots", series: 0, points },
    ],
  };
}
