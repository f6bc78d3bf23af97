/** Messages to and fro with a program in C at each end, sockperf. */
import { freePort, type Lab } from "../lab.ts";
import { numberIn, outputOf } from "../program.ts";

/** Starts an echo, and resolves with its port. */
export async function servePings(lab: Lab): Promise<number> {
  const port = freePort();
  await lab.start("sockperf", ["server", "--tcp", "--ip", "127.0.0.1", "--port", `${port}`], port);
  return port;
}

/** Times of round trips, µs. */
export interface RoundTrips {
  readonly p50: number;
  readonly p99: number;
}

/** Sends messages of 64 bytes over one connection for whole seconds, each once the last is back. */
export async function ping(port: number, seconds: number): Promise<RoundTrips> {
  const address = ["--tcp", "--ip", "127.0.0.1", "--port", `${port}`];
  const load = ["--msg-size", "64", "--time", `${seconds}`, "--full-rtt"];
  return roundTripsOf(await outputOf("sockperf", ["ping-pong", ...address, ...load]));
}

/** What sockperf's report says. Throws if a message was lost. */
export function roundTripsOf(output: string): RoundTrips {
  const lost = numberIn(output, /# dropped messages = (\d+)/);
  if (lost > 0) throw new Error(`sockperf: ${lost} messages lost`);
  return {
    p50: numberIn(output, /percentile 50\.000 =\s+([\d.]+)/),
    p99: numberIn(output, /percentile 99\.000 =\s+([\d.]+)/),
  };
}
