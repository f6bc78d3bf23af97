/** Compares relays by bytes and by round trips. The ends are programs in C. */
import { sendBytes } from "../ends/bytes.ts";
import { ping, servePings } from "../ends/ping.ts";
import type { Experiment } from "../experiment.ts";
import { freePort } from "../lab.ts";
import * as relays from "../relays.ts";
import { BARE, HAPROXY, NGINX, NONE, through } from "../relays.ts";

/** A bare loop's block, bytes: as large as coax's largest. */
const BLOCK = 1024 * 1024;

/** One direction at full speed. */
function stream(connections: number): Experiment {
  return {
    rows: [{
      name: `relay, ${connections === 1 ? "one TCP connection" : `${connections} TCP connections`}`,
      unit: "MB/s",
      better: "more",
      bars: { "socat": 2.5, [HAPROXY]: 1.3, "socat -b 262144": 1 },
    }],
    about: "iperf3 sends through the relay as fast as it can for a second, to an iperf3 that " +
      "counts what arrives.",
    bound: "the copies. A relay reads and writes each byte once more, on the cores that the two " +
      "ends are at work on, too. No relay is shown, and isn't a bar: one in C, with two threads " +
      "for each connection and blocks of 1 MiB, came to about half of it on two cores.",
    async setUp(lab) {
      const contenders = {
        "coax": relays.coax,
        "socat": relays.socat(),
        "socat -b 262144": relays.socat(262144),
        [HAPROXY]: relays.haproxy,
        [NGINX]: relays.nginx,
        [BARE]: relays.bare(BLOCK),
        [NONE]: relays.none,
      };
      const load = { connections, seconds: 1 };
      const target = freePort();
      return await through(lab, contenders, target, async (port) => [
        await sendBytes(lab, port, target, load),
      ]);
    },
  };
}

/** How many connections are busy at once where buffers have to be shared. */
const CROWD = 512;

const crowd: Experiment = {
  rows: [{
    name: `relay, ${CROWD} TCP connections`,
    unit: "MB/s",
    better: "more",
    bars: { "socat -b 262144": 1 },
  }],
  about: "The same, with ends in Deno, since iperf3 has 128 connections at most.",
  bound: "the copies, and what the ends do for so many connections.",
  async setUp(lab) {
    const contenders = {
      "coax": relays.coax,
      "socat -b 262144": relays.socat(262144),
      [HAPROXY]: relays.haproxy,
      [BARE]: relays.bare(BLOCK),
      [NONE]: relays.none,
    };
    const endpoints = await lab.endpoints();
    const bytes = lab.quick ? 512e6 : 2048e6;
    return await through(
      lab,
      contenders,
      endpoints.ports.sink,
      (port) => endpoints.run({ job: "stream", port, bytes, connections: CROWD }),
    );
  },
};

/** The most that each time may be of haproxy's. */
const TIMES = { p50: 1.05, p99: 1.1 };

const roundTrip: Experiment = {
  rows: Object.entries(TIMES).map(([name, most]) => ({
    name: `relay, 64-byte round trip, ${name}`,
    unit: "µs",
    better: "less",
    bars: { [HAPROXY]: most },
  })),
  about:
    "sockperf sends 64 bytes over one connection to a sockperf that sends them back, for two " +
    "seconds, each time once the last are back.",
  bound:
    "waking up. Each of the three processes sleeps until the one before it has written, four " +
    "times in a round trip through a relay and twice without; a relay's own work is a small part.",
  async setUp(lab) {
    const contenders = {
      "coax": relays.coax,
      [HAPROXY]: relays.haproxy,
      [NGINX]: relays.nginx,
      "socat": relays.socat(),
      [BARE]: relays.bare(),
      [NONE]: relays.none,
    };
    const seconds = lab.quick ? 1 : 2;
    return await through(lab, contenders, await servePings(lab), async (port) => {
      const { p50, p99 } = await ping(port, seconds);
      return [p50, p99];
    });
  },
};

export const relay: readonly Experiment[] = [stream(1), stream(8), crowd, roundTrip];
