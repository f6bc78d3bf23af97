/** The ports that a gate lets others listen on. */
import { reasonOf } from "../core/errors.ts";
import type { Listener } from "../core/listener.ts";
import { listen, type ListenOptions } from "../transports/mod.ts";

/** From the first to the last port, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Ports that anybody may bind, as the system gives them out. */
export const UNPRIVILEGED: PortRange = { first: 1024, last: 65_535 };

/** Attempts to find a free port in a range of the user's. */
const ATTEMPTS = 64;

/** Parses `8000-8100` or `8080`. Throws a plain `Error` with what was expected. */
export function parsePorts(text: string): PortRange {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || first < 1 || last > 65_535 || first > last) {
    throw new Error("expected a port or a range of ports, such as 8000-8100");
  }
  return { first, last };
}

/** Formats it as `parsePorts` takes it. */
export function formatPorts({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** Why a port can't be had, in words for who asks for it. */
export class PortError extends Error {}

/**
 * Listens on `port` of `host`, or on any free one of `range` for 0. Rejects with a `PortError` that
 * says why that can't be.
 */
export async function bindPort(
  host: string,
  port: number,
  range: PortRange,
  options: ListenOptions,
): Promise<Listener[]> {
  if (port !== 0) {
    if (port < range.first || port > range.last) {
      throw new PortError(`port ${port} isn't among ${formatPorts(range)} (--ports)`);
    }
    return await bindOne(host, port, options);
  }
  if (range.first <= UNPRIVILEGED.first && range.last === UNPRIVILEGED.last) {
    return await bindOne(host, 0, options);
  }
  const size = range.last - range.first + 1;
  const start = Math.floor(Math.random() * size);
  for (let i = 0; i < Math.min(size, ATTEMPTS); i++) {
    try {
      return await bindOne(host, range.first + (start + i) % size, options);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
    }
  }
  throw new PortError(`no port of ${formatPorts(range)} is free`);
}

async function bindOne(host: string, port: number, options: ListenOptions): Promise<Listener[]> {
  try {
    return await listen({ scheme: "tcp", host, port, text: `port ${port}` }, options);
  } catch (error) {
    throw new PortError(reasonOf(error).replace(/^listen /, ""));
  }
}
