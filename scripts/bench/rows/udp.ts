/** UDP: how many datagrams come back from an echo, and through a relay. */
import type { Contender, Experiment } from "../experiment.ts";
import { compileModule } from "../compiled.ts";
import { freePort, type Lab } from "../lab.ts";
import { BARE } from "../relays.ts";

const SENT = "what is sent";

const sent: Contender = { name: SENT, run: () => Promise.resolve([100]) };

/** The command line of a program that listens at a port. */
type Program = (port: number) => [command: string, args: string[]];

/** The target of relays, which is no contender: from its source. */
function udpEcho(port: number): ReturnType<Program> {
  const file = new URL("../udp_echo.ts", import.meta.url).href;
  const options = ["--quiet", "--no-config", "--no-lock", "--allow-net", "--allow-ffi"];
  return [Deno.execPath(), ["run", ...options, "--unstable-net", file, `${port}`]];
}

/**
 * socat with a process for each peer, which ends after silence: UDP has no EOF. It keeps datagrams
 * apart only where its block is one of them.
 */
function socat(port: number, size: number, to: string): ReturnType<Program> {
  return ["socat", ["-T", "2", "-b", `${size}`, `UDP4-LISTEN:${port},bind=127.0.0.1,fork`, to]];
}

/** Starts a program at a port of its own. */
function launch(lab: Lab, program: Program): number {
  const port = freePort();
  lab.launch(...program(port));
  return port;
}

/** Contenders by their ports, which get the same datagrams in turn. */
async function answering(
  lab: Lab,
  load: { size: number; perSecond: number },
  ports: Readonly<Record<string, number>>,
): Promise<Contender[]> {
  const endpoints = await lab.endpoints();
  const seconds = lab.quick ? 1 : 3;
  return Object.entries(ports).map(([name, port]) => ({
    name,
    run: () => endpoints.run({ job: "datagrams", port, seconds, ...load }),
  }));
}

function echo(perSecond: number, bars: Record<string, number>): Experiment {
  const size = 1024;
  return {
    rows: [{ name: `UDP echo, 1 KiB, ${perSecond / 1000}k/s`, unit: "%", better: "more", bars }],
    about:
      `${perSecond} datagrams of 1 KiB a second; the percentage that came back. What is sent is ` +
      "all of it. socat keeps datagrams apart only where its block is one of them (`-b 1024`). " +
      "The client calls the C library, to leave the cores to the echo.",
    bound: "calls of the kernel: a receive and a send for each datagram.",
    setUp: async (lab) => [
      ...await answering(lab, { size, perSecond }, {
        coax: launch(lab, (port) => [lab.coax, ["echo", "-q", `udp://127.0.0.1:${port}`]]),
        socat: launch(lab, (port) => socat(port, size, "PIPE")),
      }),
      sent,
    ],
  };
}

function relay(perSecond: number, share: number): Experiment {
  const size = 64;
  return {
    rows: [{
      name: `UDP relay, 64 bytes, ${perSecond / 1000}k/s`,
      unit: "%",
      better: "more",
      bars: { [BARE]: 0.9, [SENT]: share },
    }],
    about:
      `${perSecond} datagrams of 64 bytes a second through a relay to an echo; the percentage that ` +
      "came back. Client and echo call the C library, to leave the cores to the relay; what they " +
      "lose between them shows without a relay. The bare loop has a socket for each peer, " +
      "is compiled as coax is, and does nothing else.",
    bound: "calls of the kernel: a receive and a send for each datagram, there and back.",
    async setUp(lab) {
      const target = launch(lab, udpEcho);
      const to = `127.0.0.1:${target}`;
      const source = await Deno.readTextFile(new URL("../bare_udp_relay.ts", import.meta.url));
      const bareRelay = await compileModule(lab, "bare_udp_relay", source, { net: true });
      const coax: Program = (port) => {
        return [lab.coax, ["relay", "-q", `udp://127.0.0.1:${port}`, `udp://${to}`]];
      };
      return [
        ...await answering(lab, { size, perSecond }, {
          coax: launch(lab, coax),
          socat: launch(lab, (port) => socat(port, size, `UDP4:${to}`)),
          [BARE]: launch(lab, (port) => [bareRelay, [`${port}`, `${target}`]]),
          "no relay": target,
        }),
        sent,
      ];
    },
  };
}

export const udp: readonly Experiment[] = [
  echo(10_000, { [SENT]: 0.99 }),
  echo(50_000, { socat: 1 }),
  relay(30_000, 0.99),
  relay(60_000, 0.8),
];
