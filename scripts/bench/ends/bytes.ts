/** Bytes in one direction with a program in C at each end, iperf3. */
import type { Lab } from "../lab.ts";
import { outputOf } from "../program.ts";

export interface Load {
  /** Connections at once. */
  readonly connections: number;
  /** Whole seconds. */
  readonly seconds: number;
}

/**
 * Sends from a client to `port` on 127.0.0.1, from where a relay, or nothing, leads to a server on
 * `target`; MB/s as the server counts them. A server takes one client at a time, and one that a
 * relay hasn't let go of yet would keep the next away: so each run has a server of its own.
 */
export async function sendBytes(
  lab: Lab,
  port: number,
  target: number,
  { connections, seconds }: Load,
): Promise<number> {
  const address = ["--bind", "127.0.0.1", "--port", `${target}`];
  const server = await lab.start("iperf3", ["--server", "--one-off", ...address], target);
  try {
    const load = ["--parallel", `${connections}`, "--time", `${seconds}`];
    const args = ["--client", "127.0.0.1", "--port", `${port}`, ...load, "--json"];
    return receivedIn(await outputOf("iperf3", args));
  } finally {
    await lab.stop(server);
  }
}

/** The rate in iperf3's report, MB/s. Throws if it isn't there, or nothing was received. */
export function receivedIn(report: string): number {
  const bits = JSON.parse(report).end?.sum_received?.bits_per_second;
  if (!(bits > 0)) throw new Error(`iperf3 received nothing: ${report}`);
  return bits / 8e6;
}
