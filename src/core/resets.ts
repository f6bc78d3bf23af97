/** Errors for a connection that a peer has reset (RFC 9293 §3.5.2). */
import {
  AnsweredError,
  BrokenError,
  CloseError,
  CoaxError,
  EncodingError,
  FaultError,
  ResetError,
} from "./errors.ts";

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

/** A connection that broke, where the peer of the other one couldn't see that. */
export class UnseenEndError extends CoaxError {
  readonly status: number;

  constructor(cause: CoaxError) {
    const { stage, address, reason, status } = cause;
    super(stage, address, `${reason}; the other peer saw a plain end`, { cause });
    this.status = status;
  }
}

/** Whether an error is a reset, by a peer or an injected one. */
export function isReset(error: Error | undefined): boolean {
  if (error instanceof CloseError) return error.cause instanceof ResetError;
  return error instanceof ResetError || error instanceof ResetFaultError;
}

/** Stages of a connection that is established, as errors name them. */
const ESTABLISHED: ReadonlySet<string> = new Set(["receive from", "send to"]);

/**
 * Whether a byte stream that is closed for this reason ends by a reset, where its transport has
 * one: what it carries breaks off, and an end in order would tell its peer that this is all. A
 * command that fails has said all that it had to say, and so has an answer that tells of an error.
 */
export function endsByReset(reason: Error | undefined): boolean {
  if (isReset(reason) || reason instanceof CloseError || reason instanceof EncodingError) {
    return true;
  }
  if (reason instanceof AnsweredError) return false;
  return reason instanceof BrokenError && ESTABLISHED.has(reason.stage);
}
