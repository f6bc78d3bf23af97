/** Compares relays: throughput, connections a second, round trips. */
import type { Contender, Experiment } from "../experiment.ts";
import type { Lab } from "../lab.ts";
import type { Job } from "../protocol.ts";
import { bare, coax, haproxy, none, type Relay, socat } from "../relays.ts";

const HAPROXY = "haproxy, 1 thread";
const BARE = "a bare loop in Deno";

/** Contenders that run the same job through each relay, to a service of the server. */
async function through(
  relays: Readonly<Record<string, Relay>>,
  service: "sink" | "echo",
  lab: Lab,
  job: (port: number) => Job,
): Promise<Contender[]> {
  const endpoints = await lab.endpoints();
  return await Promise.all(
    Object.entries(relays).map(async ([name, relay]) => {
      const port = await relay(lab, endpoints.ports[service]);
      return { name, run: () => endpoints.run(job(port)) };
    }),
  );
}

/** One direction at full speed. */
function stream(connections: number): Experiment {
  return {
    rows: [{
      name: `relay, ${connections === 1 ? "one TCP connection" : `${connections} TCP connections`}`,
      unit: "MB/s",
      better: "more",
      bars: { "socat": 2, [HAPROXY]: 1.3, "socat -b 262144": 1, "no relay": 0.7 },
    }],
    about: "A client sends as fast as it can until the server at the other side of the relay has " +
      "counted every byte and said so. Client, relay and server share the cores, and a relay reads " +
      "and writes each byte once more, as client and server do together. What is left for any relay " +
      "was tried on two cores: one in C, with two threads for each connection and blocks of 1 MiB, " +
      "came to 0.50 × no relay with one connection and 0.56 with 8, where coax had 0.45 and 0.47; " +
      "with `splice`, which moves bytes inside the kernel, it came to 0.33 and 0.52.",
    setUp: (lab) =>
      through(
        {
          "coax": coax,
          "socat": socat(),
          "socat -b 262144": socat(262144),
          [HAPROXY]: haproxy,
          "no relay": none,
        },
        "sink",
        lab,
        (port) => ({ job: "stream", port, bytes: lab.quick ? 256e6 : 1e9, connections }),
      ),
  };
}

const connect: Experiment = {
  rows: [{
    name: "relay, connect + exchange + close",
    unit: "/s",
    better: "more",
    bars: { [HAPROXY]: 1, "socat, fork": 1.5 },
  }],
  about:
    "16 clients at once connect, send 64 bytes to an echo, get them back and close, again and " +
    "again; a lost answer fails the run. The bare loop is a few lines on the same runtime that accept, " +
    "connect, read and write, and do nothing else.",
  setUp: (lab) =>
    through(
      {
        "coax": coax,
        [HAPROXY]: haproxy,
        "socat, fork": socat(),
        [BARE]: bare,
        "no relay": none,
      },
      "echo",
      lab,
      (port) => ({ job: "connect", port, count: lab.quick ? 1000 : 4000, parallel: 16 }),
    ),
};

const roundTrip: Experiment = {
  rows: (["p50", "p99"] as const).map((name) => ({
    name: `relay, 64-byte round trip, ${name}`,
    unit: "µs",
    better: "less",
    bars: { [HAPROXY]: 1.1 },
  })),
  about: "One connection to an echo: 64 bytes there and back, one after the other.",
  setUp: (lab) =>
    through(
      { "coax": coax, [HAPROXY]: haproxy, "socat": socat(), [BARE]: bare, "no relay": none },
      "echo",
      lab,
      (port) => ({ job: "rtt", port, count: lab.quick ? 5000 : 20000, connections: 1 }),
    ),
};

export const relay: readonly Experiment[] = [stream(1), stream(8), connect, roundTrip];
