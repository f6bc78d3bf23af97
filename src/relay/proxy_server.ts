/** What every kind of proxy server is, to whoever serves its clients. */
import { type CoaxError, TimeoutError } from "../core/errors.ts";
import type { Duplex } from "../core/duplex.ts";
import type { RequestedTarget } from "../proxy/target.ts";

/** Serves one client of that kind. */
export interface ProxyServer {
  /** Takes the client's request. */
  accept(client: Duplex): Promise<ProxyRequest>;
}

/** A client's wish, and how it is answered. */
interface ProxyRequest {
  readonly target: RequestedTarget;
  /**
   * Says that the target is connected, on the way that the client expects; yields what to splice.
   */
  succeed(target: Duplex): Promise<[client: Duplex, target: Duplex]>;
  /** Says why it is not. */
  refuse(error: CoaxError): Promise<void>;
}

/** Whether nothing came in time: from the target, or from a proxy on the way to it. */
export function isLate(error: CoaxError): boolean {
  return error instanceof TimeoutError || error.cause instanceof TimeoutError;
}
