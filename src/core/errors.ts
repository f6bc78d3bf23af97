/**
 * Errors by exit status: each class belongs to one row of the table in `coax help`. Its message
 * names the stage and the address tried. `cli/failure.ts` alone turns it into a line and a status.
 */

/** Base of all errors that a user can cause or see. */
export abstract class CoaxError extends Error {
  /** Exit status of a command that fails with this error. */
  abstract readonly status: number;

  /**
   * @param stage The act that failed: `connect`, `receive`, `listen`.
   * @param address What it was done to: the address as the user wrote it, an option, a file.
   * @param reason The cause, in a few words.
   */
  constructor(
    readonly stage: string,
    readonly address: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super([[stage, address].filter(Boolean).join(" "), reason].filter(Boolean).join(": "), options);
  }
}

/** The connection broke: reset, unexpected EOF, a child that failed. */
export class BrokenError extends CoaxError {
  readonly status = 1;
}

/** The peer has reset the connection (RFC 9293 §3.5.2), or cut it short in another way. */
export class ResetError extends BrokenError {
  constructor(stage: string, peer: string, options?: ErrorOptions, reason = "reset by peer") {
    super(stage, peer, reason, options);
  }
}

/** The connection broke, and the other peer has got an answer that says so, and is complete. */
export class AnsweredError extends BrokenError {}

/** A command that is the peer has failed, after all of its output was received. */
export class CommandError extends BrokenError {}

/** An injected fault closed both connections of a pair at once. */
export class FaultError extends CoaxError {
  readonly status = 1;
}

/** The command line can't be carried out as written. */
export class UsageError extends CoaxError {
  readonly status = 2;

  /** @param subject The option or address, quoted in the message. */
  constructor(subject: string, reason: string, options?: ErrorOptions) {
    super("", subject, reason, options);
  }
}

/** An address is malformed, or can't be used for this. */
export class AddressError extends UsageError {
  /** @param text The address as it may be shown. */
  constructor(readonly text: string, reason: string) {
    super(`"${text}"`, reason);
  }
}

/** A word names no command: the user needs help on commands. */
export class UnknownCommandError extends UsageError {
  /** @param advice `; did you mean server?`, or nothing where no command is near. */
  constructor(readonly word: string, advice: string) {
    super(`"${word}"`, `unknown command${advice}`);
  }
}

/** A command has no such option, or one of several letters is wrong. */
export class UnknownOptionError extends UsageError {
  /**
   * @param option The word as written, `--nope=1` or `-xk`.
   * @param problem `unknown option`, perhaps with what is meant; or what else is wrong with it.
   * @param letter Which option in that word, `-k`.
   */
  constructor(readonly option: string, problem: string, readonly letter: string = option) {
    super(letter === option ? option : `${letter} (in ${option})`, problem);
  }
}

/** A command line ends before an operand that must be there. */
export class MissingOperandError extends UsageError {
  constructor(operand: string) {
    super(operand, "missing");
  }
}

/** A name has no address. */
export class ResolveError extends CoaxError {
  readonly status = 3;
}

/** Can't connect or listen: refused, unreachable, address in use, permission. */
export class UnavailableError extends CoaxError {
  readonly status = 4;
}

/** A deadline passed; the stage says which. */
export class TimeoutError extends CoaxError {
  readonly status = 5;
}

/** A proxy or an HTTP upgrade refused; the reason has its status. */
export class RefusedError extends CoaxError {
  readonly status = 7;
}

/** A peer isn't let in, which only its PROXY header shows. */
export class DeniedError extends CoaxError {
  readonly status = 1;

  constructor(peer: string, reason: string) {
    super("accept", peer, reason);
  }
}

/** Our proxy server may not connect to that target. */
export class ForbiddenError extends RefusedError {
  constructor(address: string) {
    super("proxy", address, "not an allowed target");
  }
}

/** A WebSocket was closed abnormally by the peer, or not closed at all (1006, RFC 6455 §7.1.5). */
export class CloseError extends CoaxError {
  readonly status = 8;

  /**
   * @param code Of the peer's Close frame (RFC 6455 §7.4), or 1006.
   * @param text The peer's reason, or how the connection was lost.
   */
  constructor(peer: string, readonly code: number, readonly text: string, options?: ErrorOptions) {
    super("receive from", peer, `closed with ${code}${text && `: ${text}`}`, options);
  }

  /** Whether the peer has sent a Close: then all that it sent before has come. */
  get isWhole(): boolean {
    return this.code !== 1006;
  }
}

/** The TLS handshake failed: unknown issuer, wrong name, expired, pin mismatch. */
export class TlsError extends CoaxError {
  readonly status = 6;
}

/** An expectation that the user stated did not hold. */
export class ExpectationError extends CoaxError {
  readonly status = 9;
}

/** Our own side failed: stdin, stdout or a file. It stops the command, not only a connection. */
export class LocalError extends CoaxError {
  readonly status: number = 10;
}

/**
 * Bytes or characters are invalid in a text encoding, where that is an error. It has the status of
 * a `LocalError` and isn't one: one peer's text closes no connection but its own.
 */
export class EncodingError extends CoaxError {
  readonly status = 10;
}

/** The reader of our stdout is gone (`| head -c1`), which is no failure. */
export class OutputClosedError extends LocalError {
  override readonly status = 0;

  constructor(options?: ErrorOptions) {
    super("write", "stdout", "closed by its reader", options);
  }
}

/** Whether an error is no failure: a peer's leave, a stop, a stdout whose reader has closed. */
export function isQuiet(error: unknown): boolean {
  return error instanceof CoaxError && error.status === 0;
}

/** The command was asked to stop (by a signal), and this connection's grace time is over. */
export class ShutdownError extends CoaxError {
  readonly status = 0;

  constructor() {
    super("close", "", "the program is ending");
  }
}

/**
 * A session without EOF (UDP) is over, after a time of silence or for a newer one. Both connections
 * of its pair are closed at once, and nothing has failed.
 */
export class SessionOverError extends CoaxError {
  readonly status = 0;
}

/** A peer left before the first byte of its handshake: it only looked, and nothing has failed. */
export class LeftError extends CoaxError {
  readonly status = 0;
}

/** The status of a command that went on after a failure, which has been logged already. */
export class LoggedError extends CoaxError {
  readonly status: number;

  constructor(failure: CoaxError) {
    super(failure.stage, failure.address, failure.reason, { cause: failure });
    this.status = failure.status;
  }
}

/** The peer reads nothing more, whether or not it still sends: no failure of the connection. */
export class ReaderGoneError extends CoaxError {
  readonly status = 0;

  constructor(peer: string, options?: ErrorOptions) {
    super("send to", peer, "it wants no more", options);
  }
}

/** Signals that end a program where it doesn't handle them. */
export type Interruption = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM";

/** A signal stopped the command at once. */
export class InterruptedError extends CoaxError {
  readonly status: number;

  /** @param number The signal's number; shells add 128 to it for the status. */
  constructor(
    command: string,
    address: string,
    readonly signal: Interruption,
    number: number,
  ) {
    super(command, address, `ended by ${signal}`);
    this.status = 128 + number;
  }
}

/** A short reason for any thrown value. */
export function reasonOf(error: unknown): string {
  if (error instanceof CoaxError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
