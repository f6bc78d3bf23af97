/** UDP echoes: how many datagrams come back. */
import type { Experiment } from "../experiment.ts";
import { freePort } from "../lab.ts";

const SIZE = 1024;

function echo(perSecond: number, bars: Record<string, number>): Experiment {
  return {
    rows: [{
      name: `UDP echo, 1 KiB, ${perSecond / 1000}k/s`,
      unit: "%",
      better: "more",
      bars,
    }],
    about:
      `${perSecond} datagrams of 1 KiB a second; the percentage that came back. What is sent is ` +
      "all of it. socat keeps datagrams apart only where its block is one of them (`-b 1024`).",
    async setUp(lab) {
      const endpoints = await lab.endpoints();
      const seconds = lab.quick ? 1 : 3;
      const contender = (name: string, command: string, args: (port: number) => string[]) => {
        const port = freePort();
        lab.launch(command, args(port));
        const run = () => endpoints.run({ job: "datagrams", port, size: SIZE, perSecond, seconds });
        return { name, run };
      };
      return [
        contender("coax", lab.coax, (port) => ["echo", "-q", `udp://127.0.0.1:${port}`]),
        contender(
          "socat",
          "socat",
          // `-T` ends each peer's child after silence: UDP has no EOF.
          (port) => ["-T", "2", "-b", `${SIZE}`, `UDP4-LISTEN:${port},bind=127.0.0.1,fork`, "PIPE"],
        ),
        { name: "what is sent", run: () => Promise.resolve([100]) },
      ];
    },
  };
}

export const udp: readonly Experiment[] = [
  echo(10_000, { "what is sent": 0.99 }),
  echo(50_000, { socat: 1 }),
];
