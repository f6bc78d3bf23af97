/** Compares processes that share a port with a single one. */
import { ask, serveWeb } from "../ends/web.ts";
import type { Experiment } from "../experiment.ts";
import { coaxes, haproxies, NONE, none, through } from "../relays.ts";

/** Two processes, or threads, beside one, whatever the number of cores. */
const TWO = 2;

function experiment(row: string, about: string, close: boolean): Experiment {
  return {
    rows: [{ name: `relay, two processes, ${row}`, unit: "/s", better: "more", bars: {} }],
    about: `${about} Two processes of coax share the port (\`--reuse-port\`), one has it alone.`,
    bound:
      "the cores. wrk and nginx take some of each core themselves, more than a relay does, so " +
      "on two cores a second process finds little left; where there are more, it has its own.",
    async setUp(lab) {
      const contenders = {
        "coax": coaxes(TWO),
        "one process": coaxes(1),
        "haproxy, 2 threads": haproxies(TWO),
        [NONE]: none,
      };
      const load = { connections: 64, close, seconds: lab.quick ? 1 : 2 };
      return await through(lab, contenders, await serveWeb(lab), async (port) => [
        (await ask(port, load)).rate,
      ]);
    },
  };
}

export const cores: readonly Experiment[] = [
  experiment(
    "connect + request + close",
    "`wrk -t1 -c64 -H 'Connection: close'` asks an nginx through the relay.",
    true,
  ),
  experiment("requests", "`wrk -t1 -c64` asks an nginx over 64 connections that stay.", false),
];
