/** The interface of proxy servers, of whatever protocol. */
import { type CoaxError, TimeoutError } from "../core/errors.ts";
import type { Duplex } from "../core/duplex.ts";
import type { LoginJudge } from "../proxy/client_login.ts";
import type { RequestedTarget } from "../proxy/target.ts";

/** A proxy server of one protocol. */
export interface ProxyServer {
  /**
   * Reads the client's request.
   *
   * @param logins Judges the login that the client has to give; undefined where it needn't.
   */
  accept(
    client: Duplex,
    logins: LoginJudge | undefined,
  ): Promise<ProxyRequest | AssociationRequest>;
}

/** A client's request, to be answered by one of its methods. */
export interface ProxyRequest {
  readonly target: RequestedTarget;
  /** Answers that the target is connected. Resolves with the two connections to splice. */
  succeed(target: Duplex): Promise<[client: Duplex, target: Duplex]>;
  /** Answers that the target isn't connected, and why. */
  refuse(error: CoaxError): Promise<void>;
}

/** A client's request to carry its datagrams, to be answered by one of its methods. */
export interface AssociationRequest {
  /** Where the client says that it sends from, with zeros if it can't tell. */
  readonly from: RequestedTarget;
  /** Answers where to send datagrams to. */
  accept(bound: RequestedTarget): Promise<void>;
  /** Answers that there is no association. */
  refuse(error: CoaxError): Promise<void>;
}

/** Whether the target, or a proxy on the way to it, hasn't answered in time. */
export function isLate(error: CoaxError): boolean {
  return error instanceof TimeoutError || error.cause instanceof TimeoutError;
}
