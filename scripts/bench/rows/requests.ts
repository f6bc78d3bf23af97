/** Compares relays by connections and by requests. */
import { ask, serveWeb } from "../ends/web.ts";
import { type Experiment, LIMIT, limited } from "../experiment.ts";
import * as relays from "../relays.ts";
import { BARE, HAPROXY, NGINX, NONE, through } from "../relays.ts";

const CONTENDERS = {
  "coax": relays.coax,
  [BARE]: relays.bare(),
  [HAPROXY]: relays.haproxy,
  [NGINX]: relays.nginx,
  [NONE]: relays.none,
};

const connect: Experiment = {
  rows: [{
    name: "relay, connect + request + close",
    unit: "/s",
    better: "more",
    bars: { [BARE]: 0.85 },
  }],
  about: "`wrk -t1 -c16 -H 'Connection: close'` asks an nginx through the relay for two seconds, " +
    "each time over a new connection; one lost answer fails the run. The bare loop is a few lines " +
    "on the same runtime that accept, connect, read and write, and do nothing else; like coax it " +
    "is compiled.",
  bound: "the runtime: what Deno takes to accept and to connect is in the bare loop, too, and is " +
    "most of it. Programs in C without a runtime are shown for comparison.",
  async setUp(lab) {
    const seconds = lab.quick ? 1 : 2;
    return await through(lab, CONTENDERS, await serveWeb(lab), async (port) => {
      return [(await ask(port, { connections: 16, close: true, seconds })).rate];
    });
  },
};

const keepAlive: Experiment = {
  rows: [
    {
      name: "relay, requests over 64 connections",
      unit: "/s",
      better: "more",
      bars: { [BARE]: 0.9 },
    },
    {
      name: "relay, requests over 64 connections, p99",
      unit: "µs",
      better: "less",
      bars: { [BARE]: 1.5 },
    },
  ],
  about: "`wrk -t1 -c64` asks an nginx through the relay for a second, over 64 connections that " +
    "stay: answers a second, and the time within which 99 of 100 came.",
  bound: "the relay's one thread, which all 64 connections wait for: its work for each read and " +
    "write, nearly all of it the runtime's, and for the slowest of 100 the pauses in which V8 " +
    "collects.",
  async setUp(lab) {
    return await through(lab, CONTENDERS, await serveWeb(lab), async (port) => {
      const { rate, p99 } = await ask(port, { connections: 64, close: false, seconds: 1 });
      return [rate, p99];
    });
  },
};

/** Connections of a burst, and the most that the slowest may take, milliseconds. */
const [BURST, SLOWEST] = [4000, 100];

const burst: Experiment = {
  rows: [{
    name: `relay, ${BURST} connects at once, the slowest`,
    unit: "ms",
    better: "less",
    bars: { [LIMIT]: 1 },
  }],
  about:
    `A client connects ${BURST} times at once, by calls of the C library that don't wait; the ` +
    "time of the slowest. Then all of them exchange 64 bytes with an echo, where one lost answer " +
    "fails the run.",
  bound:
    "the queue of connections that nobody has accepted yet: one that finds it full tries again " +
    "after a second. The runtime's own queue has room for 511, that of coax for 4096.",
  async setUp(lab) {
    const endpoints = await lab.endpoints();
    const contenders = await through(
      lab,
      CONTENDERS,
      endpoints.ports.echo,
      (port) => endpoints.run({ job: "burst", port, count: BURST }),
    );
    return [...contenders, limited(SLOWEST)];
  },
};

export const requests: readonly Experiment[] = [connect, burst, keepAlive];
