/** Runs a mode by its name. */
import { type ConnectResult, measureConnect } from "./connect.ts";
import { measureRtt, type RttResult } from "./rtt.ts";
import type { Dial, Losses, Meter, Mode, Settings } from "./settings.ts";
import { measureStream, type StreamResult } from "./stream.ts";

export type Result =
  | { readonly mode: "stream" } & StreamResult
  | { readonly mode: "rtt" } & RttResult
  | { readonly mode: "connect" } & ConnectResult;

/**
 * Measures one mode. Rejects with an `ExpectationError` where an answer is not what was sent, or is
 * missing on a transport that loses nothing; else with the errors of dialing and of connections.
 */
export async function measure(
  mode: Mode,
  dial: Dial,
  settings: Settings,
  meter: Meter,
): Promise<Result> {
  switch (mode) {
    case "stream":
      return { mode, ...await measureStream(dial, settings, meter) };
    case "rtt":
      return { mode, ...await measureRtt(dial, settings, meter) };
    case "connect":
      return { mode, ...await measureConnect(dial, settings, meter) };
  }
}

/** What is wrong with losses, in words; undefined if nothing is. */
export function describeLosses({ sent, lost, duplicates }: Losses): string | undefined {
  const problems = [
    lost > 0 ? `${lost} lost` : "",
    duplicates > 0 ? `${duplicates} back twice` : "",
  ].filter(Boolean);
  return problems.length > 0 ? `of ${sent} datagrams, ${problems.join(" and ")}` : undefined;
}
