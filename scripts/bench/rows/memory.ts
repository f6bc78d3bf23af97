/** The cost of idle connections, and of readers that don't read. */
import { type Experiment, LIMIT, limited, type Row } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { processorTime, residentKiB } from "../process.ts";
import type { Ports } from "../protocol.ts";

/** Time between two measurements of a process that settles, milliseconds. */
const LOOK = 500;
/** The most measurements, after which the last one is taken. */
const LOOKS = 20;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Memory once it has stopped growing, KiB. */
async function settledKiB(pid: number): Promise<number> {
  let before = await residentKiB(pid);
  for (let look = 0; look < LOOKS; look++) {
    await pause(LOOK);
    const now = await residentKiB(pid);
    if (now <= before * 1.005) return now;
    before = now;
  }
  return before;
}

interface Load {
  readonly count: number;
  readonly exchange: boolean;
}

/** The cost of `load` to a fresh coax: additional KiB, and ms of processor time a second. */
export async function burden(
  lab: Lab,
  args: (port: number, ports: Ports) => string[],
  load: Load,
): Promise<[kiB: number, ms: number]> {
  const endpoints = await lab.endpoints();
  const port = freePort();
  const pid = lab.launch(lab.coax, args(port, endpoints.ports));
  try {
    const before = await settledKiB(pid);
    await endpoints.run({ job: "hold", port, ...load });
    const after = await settledKiB(pid);
    const began = await processorTime(pid);
    await pause(1000);
    return [after - before, await processorTime(pid) - began];
  } finally {
    await lab.stop(pid);
    await endpoints.run({ job: "release" });
  }
}

export const echo = (port: number) => ["echo", "-q", "-m", "10000", `127.0.0.1:${port}`];
const relayTo = (service: keyof Ports) => (port: number, ports: Ports) => [
  "relay",
  "-q",
  "-m",
  "10000",
  `127.0.0.1:${port}`,
  `127.0.0.1:${ports[service]}`,
];

function row(name: string, unit: string): Row {
  return { name, unit, better: "less", bars: { [LIMIT]: 1 } };
}

/** The limit for idle processor time, ms a second: one percent. */
const NO_CPU = 10;

/** The number of idle connections. */
const IDLE = 5000;

function idle(name: string, args: typeof echo | ReturnType<typeof relayTo>, limit: number) {
  const experiment: Experiment = {
    rows: [row(`${name}, idle connections, each`, "KiB"), row(`${name}, idle, CPU`, "ms/s")],
    about: "5,000 connections that have exchanged a byte and are left alone: resident memory " +
      "beyond that of a fresh process, and processor time meanwhile.",
    bound: "what the runtime keeps for each connection: its socket, and a pending read or two.",
    setUp(lab) {
      const run = async () => {
        const [kiB, ms] = await burden(lab, args, { count: IDLE, exchange: true });
        return [kiB / IDLE, ms];
      };
      return Promise.resolve([{ name: "coax", run }, limited(limit, NO_CPU)]);
    },
  };
  return experiment;
}

const stalled: Experiment = {
  rows: [row("relay, 50 stalled readers", "MiB")],
  about: "50 clients connect through a relay to a server that offers 10 MiB to each, and read " +
    "nothing: resident memory beyond that of a fresh process.",
  bound: "the buffers that are full and can't be given back until a reader reads.",
  setUp(lab) {
    const run = async () => {
      const [kiB] = await burden(lab, relayTo("source"), { count: 50, exchange: false });
      return [kiB / 1024];
    };
    return Promise.resolve([{ name: "coax", run }, limited(60)]);
  },
};

export const memory: readonly Experiment[] = [
  idle("echo", echo, 15),
  idle("relay", relayTo("echo"), 30),
  stalled,
];
