/** Cost as work grows: coax beside itself with more connections, members, or relays in a row. */
import type { Contender, Experiment, Row } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { coax } from "../relays.ts";
import { burden, echo } from "./memory.ts";

/** A curve: the first point is what the others are compared to. */
function curve(
  row: Omit<Row, "bars">,
  about: string,
  points: readonly number[],
  what: string,
  setUp: (lab: Lab) => Promise<(point: number) => Promise<number[]>>,
): Experiment {
  return {
    rows: [{ ...row, bars: {} }],
    about,
    async setUp(lab) {
      const run = await setUp(lab);
      return points.map((point): Contender => ({
        name: `itself, ${point} ${what}`,
        run: () => run(point),
      }));
    },
  };
}

const CONNECTIONS = [1, 8, 64, 512];

const throughput = curve(
  { name: "curve, relay throughput", unit: "MB/s", better: "more" },
  "The same bytes over more connections at once. Not examined: where it bends, the " +
    "budget of 16 MiB for large buffers may be spent, so that reads become smaller.",
  CONNECTIONS,
  "connections",
  async (lab) => {
    const ends = await lab.ends();
    const port = await coax(lab, ends.ports.sink);
    const bytes = lab.quick ? 256e6 : 512e6;
    return (connections) => ends.run({ job: "stream", port, bytes, connections });
  },
);

const latency = curve(
  { name: "curve, relay round trip, p50", unit: "µs", better: "less" },
  "64 bytes there and back over each of so many connections at once: with more of them than the " +
    "cores can serve, each waits for its turn.",
  CONNECTIONS,
  "connections",
  async (lab) => {
    const ends = await lab.ends();
    const port = await coax(lab, ends.ports.echo);
    const count = lab.quick ? 5000 : 20000;
    return (connections) => ends.run({ job: "rtt", port, count, connections });
  },
);

const memory = curve(
  { name: "curve, echo, idle connections, each", unit: "KiB", better: "less" },
  "Resident memory beyond that of a fresh process, for each idle connection. Not examined: what a " +
    "process takes once, when it begins to work, is probably why the first hundred seem dearer.",
  [100, 1000, 5000],
  "connections",
  (lab) =>
    Promise.resolve(async (count) => {
      const [kiB] = await burden(lab, echo, { count, exchange: true });
      return [kiB / count];
    }),
);

const chains = curve(
  { name: "curve, relays in a row", unit: "MB/s", better: "more" },
  "One connection through one, two and four relays, all of which share the cores: each copies " +
    "every byte once more.",
  [1, 2, 4],
  "relays",
  async (lab) => {
    const ends = await lab.ends();
    const ports: number[] = [ends.ports.sink];
    for (let length = 1; length <= 4; length++) ports.push(await coax(lab, ports[length - 1]!));
    const bytes = lab.quick ? 128e6 : 512e6;
    return (length) => {
      return ends.run({ job: "stream", port: ports[length]!, bytes, connections: 1 });
    };
  },
);

const chat = curve(
  { name: "curve, chat, delivered lines", unit: "/s", better: "more" },
  "10 members speak at once in rooms of different sizes. A line is taken apart and put together " +
    "once, however many hear it.",
  [10, 100, 500],
  "members",
  async (lab) => {
    const ends = await lab.ends();
    const port = freePort();
    await lab.start(lab.coax, ["chat", "-q", `127.0.0.1:${port}`, "--history", "0"], port);
    const lines = lab.quick ? 50 : 200;
    return (members) => ends.run({ job: "chat", port, members, speakers: 10, lines, flood: true });
  },
);

export const curves: readonly Experiment[] = [throughput, latency, memory, chains, chat];
