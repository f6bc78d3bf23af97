/** Curves: coax compared to itself with more connections, members, or relays in a row. */
import type { Contender, Experiment, Row } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { coax, none, type Relay } from "../relays.ts";
import { burden, echo } from "./memory.ts";

/** A curve, whose points are compared to the first. */
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

function throughput(name: string, relay: Relay, about: string): Experiment {
  return curve(
    { name: `curve, ${name}`, unit: "MB/s", better: "more" },
    about,
    CONNECTIONS,
    "connections",
    async (lab) => {
      const endpoints = await lab.endpoints();
      const port = await relay(lab, endpoints.ports.sink);
      const bytes = lab.quick ? 256e6 : 512e6;
      return (connections) => endpoints.run({ job: "stream", port, bytes, connections });
    },
  );
}

const relayed = throughput(
  "relay throughput",
  coax,
  "The same bytes over more connections at once. The next curve has the two ends without a relay: " +
    "where they are slower with many connections, so is what comes through. With 512, reads have " +
    "256 KiB instead of 1 MiB, or 64 KiB where a machine has less than 8 GiB of memory.",
);

const unrelayed = throughput(
  "throughput without a relay",
  none,
  "The same job for client and server alone.",
);

const latency = curve(
  { name: "curve, relay round trip, p50", unit: "µs", better: "less" },
  "64 bytes there and back over each of so many connections at once. With one, two cores were idle " +
    "for 37 % of the time, since client, relay and server wait for each other; with 8 for 19 %, with " +
    "64 for 11 %: from there on each connection waits for its turn, and the time grows as their " +
    "number does. (In one trial.)",
  CONNECTIONS,
  "connections",
  async (lab) => {
    const endpoints = await lab.endpoints();
    const port = await coax(lab, endpoints.ports.echo);
    const count = lab.quick ? 5000 : 20000;
    return (connections) => endpoints.run({ job: "rtt", port, count, connections });
  },
);

const memory = curve(
  { name: "curve, echo, idle connections, each", unit: "KiB", better: "less" },
  "Resident memory beyond that of a fresh process, for each idle connection. The very first takes " +
    "about 350 KiB, with what a process needs once. Part of the rest is what V8 sets aside for young " +
    "objects, and doesn't grow: with 1 MB for them it was 17.1, 14.2 and 9.2 KiB, instead of 18.9, " +
    "17.5 and 12.8 (one trial, from source). Why it still falls was not examined.",
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
  "One connection through one, two and four relays. Each copies every byte once more, on the same " +
    "cores, which were busy for 87 %, 88 % and 97 % of the time (one trial).",
  [1, 2, 4],
  "relays",
  async (lab) => {
    const endpoints = await lab.endpoints();
    const ports: number[] = [endpoints.ports.sink];
    for (let length = 1; length <= 4; length++) ports.push(await coax(lab, ports[length - 1]!));
    const bytes = lab.quick ? 128e6 : 512e6;
    return (length) => {
      return endpoints.run({ job: "stream", port: ports[length]!, bytes, connections: 1 });
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
    const endpoints = await lab.endpoints();
    const port = freePort();
    await lab.start(lab.coax, ["chat", "-q", `127.0.0.1:${port}`, "--history", "0"], port);
    const lines = lab.quick ? 200 : 4000;
    return (members) =>
      endpoints.run({ job: "chat", port, members, speakers: 10, lines, flood: true });
  },
);

export const curves: readonly Experiment[] = [
  relayed,
  unrelayed,
  latency,
  memory,
  chains,
  chat,
];
