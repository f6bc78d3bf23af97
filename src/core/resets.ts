/** Errors for a connection that a peer has reset (RFC 9293 §3.5.2). */
import { CloseError, CoaxError, FaultError, ResetError } from "./errors.ts";

/** An injected fault that peers see as a reset. */
export class ResetFaultError extends FaultError {}

/**
 * The peer is gone after its EOF and left input unread. For whoever sends it more that is an error;
 * for a relay in between it isn't.
 */
export class PeerLeftError extends ResetError {
  /** @param cause The reset by which it showed. */
  constructor(cause: ResetError) {
    super(cause.stage, cause.address, { cause }, cause.reason);
  }
}

/** A peer's leave that is no failure. */
export class QuietLeaveError extends CoaxError {
  readonly status = 0;

  constructor({ stage, address, reason, cause }: CoaxError) {
    super(stage, address, reason, { cause });
  }
}

/** Whether an error is passed on to the other peer as a reset, where its transport has one. */
export function isReset(error: Error | undefined): boolean {
  if (error instanceof CloseError) return error.cause instanceof ResetError;
  return error instanceof ResetError || error instanceof ResetFaultError;
}
