/** What becomes of a connection that one of its peers has reset (RFC 9293 §3.5.2). */
import { CloseError, CoaxError, FaultError, ResetError } from "./errors.ts";

/** A fault that was asked for, which peers see as a reset. */
export class ResetFaultError extends FaultError {}

/**
 * The peer had nothing left to say or to hear in order, and has gone with something unread: whoever
 * sends it more has an error, a relay in between has none.
 */
export class PeerLeftError extends ResetError {
  /** @param cause How it showed. */
  constructor(cause: ResetError) {
    super(cause.stage, cause.address, { cause }, cause.reason);
  }
}

/** A peer's leave as an end like any other. */
export class DepartureError extends CoaxError {
  readonly status = 0;

  constructor({ stage, address, reason, cause }: CoaxError) {
    super(stage, address, reason, { cause });
  }
}

/** Whether the other peer hears of an error as of a reset, where that can be told from an end. */
export function isReset(error: Error | undefined): boolean {
  if (error instanceof CloseError) return error.cause instanceof ResetError;
  return error instanceof ResetError || error instanceof ResetFaultError;
}
