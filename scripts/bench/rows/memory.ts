/** What connections cost that nobody uses, and what readers cost that don't read. */
import type { Contender, Experiment, Row } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { processorTime, residentKiB } from "../process.ts";
import type { Ports } from "../protocol.ts";

/** Time between two looks at a process that comes to rest, milliseconds. */
const LOOK = 500;
/** Looks after which it is taken as it is. */
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

/** What a fresh coax takes more with that many connections: KiB, and ms of processor a second. */
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

/** A bar that is a number of its own and not a peer's. */
const LIMIT = "the limit";
const limited = (...values: number[]): Contender => ({
  name: LIMIT,
  run: () => Promise.resolve(values),
});

function row(name: string, unit: string): Row {
  return { name, unit, better: "less", bars: { [LIMIT]: 1 } };
}

/** 10 ms of processor in a second are one percent. */
const NO_CPU = 10;

/** Connections that are left alone. */
const IDLE = 5000;

function idle(name: string, args: typeof echo | ReturnType<typeof relayTo>, limit: number) {
  const experiment: Experiment = {
    rows: [row(`${name}, idle connections, each`, "KiB"), row(`${name}, idle, CPU`, "ms/s")],
    about: "5,000 connections that have exchanged a byte and are left alone: resident memory " +
      "beyond that of a fresh process, and processor time meanwhile.",
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
