/**
 * Errors that carry their meaning: each class is one row of the exit statuses that `coax help`
 * documents, and its message names the stage and the address tried. One place in `cli/` turns
 * them into a line and a status.
 */

/** Base of all errors that a user can cause or meet. */
export abstract class CoaxError extends Error {
  /** Exit status of a command that ends with this error. */
  abstract readonly status: number;

  /**
   * @param stage What was being done: `connect`, `receive`, `listen`.
   * @param address With what: the address as the user wrote it, an option, a file.
   * @param reason What went wrong, in a few words.
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

/** The connection broke: reset, unexpected end, a child that failed. */
export class BrokenError extends CoaxError {
  readonly status = 1;
}

/** The peer has reset the connection (RFC 9293 §3.5.2), or cut it short in another way. */
export class ResetError extends BrokenError {
  constructor(stage: string, peer: string, options?: ErrorOptions, reason = "reset by peer") {
    super(stage, peer, reason, options);
  }
}

/** A command that is one end of a connection has failed, having said all that it had to say. */
export class CommandError extends BrokenError {}

/** A fault that was asked for ended the connection, at once and for both ends. */
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

/** An address that is malformed, or none that can be used for this. */
export class AddressError extends UsageError {
  /** @param text The address as it may be shown. */
  constructor(readonly text: string, reason: string) {
    super(`"${text}"`, reason);
  }
}

/** A word that names no command: help on commands is what the user needs. */
export class UnknownCommandError extends UsageError {
  /** @param meant `; did you mean server?`, where that can be told. */
  constructor(word: string, meant: string) {
    super(`"${word}"`, `unknown command${meant}`);
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

/** A peer isn't let in, which shows only after something was read from it (a PROXY header). */
export class DeniedError extends CoaxError {
  readonly status = 1;

  constructor(peer: string, reason: string) {
    super("accept", peer, reason);
  }
}

/** A proxy of ours may not connect there. */
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
   * @param text The peer's reason, or how it went away.
   */
  constructor(peer: string, readonly code: number, readonly text: string, options?: ErrorOptions) {
    super("receive from", peer, `closed with ${code}${text && `: ${text}`}`, options);
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

/** Our own side failed: stdin, stdout or a file. It ends the command, not only a connection. */
export class LocalError extends CoaxError {
  readonly status: number = 10;
}

/**
 * Bytes or characters that a text encoding doesn't have, where that is an error. One peer's text is
 * no reason to end the others' connections.
 */
export class EncodingError extends CoaxError {
  readonly status = 10;
}

/** Whoever read our stdout has seen enough (`| head -c1`): a quiet end. */
export class OutputClosedError extends LocalError {
  override readonly status = 0;

  constructor(options?: ErrorOptions) {
    super("write", "stdout", "closed by its reader", options);
  }
}

/** The command was asked to end (by a signal) and this connection's time is over. */
export class ShutdownError extends CoaxError {
  readonly status = 0;

  constructor() {
    super("close", "", "the program is ending");
  }
}

/**
 * A session that has nothing but silence for an end (UDP) is over: nobody spoke for long enough, or
 * a newer one needs the room. Both ends of its connection end at once, and nothing has failed.
 */
export class SessionOverError extends CoaxError {
  readonly status = 0;
}

/** The status of what went on in spite of a failure, which the log has told when it happened. */
export class LoggedError extends CoaxError {
  readonly status: number;

  constructor(failure: CoaxError) {
    super(failure.stage, failure.address, failure.reason, { cause: failure });
    this.status = failure.status;
  }
}

/**
 * The peer wants no more of what we send, and may still be talking: no failure of the connection.
 */
export class ReaderGoneError extends CoaxError {
  readonly status = 0;

  constructor(peer: string, options?: ErrorOptions) {
    super("send to", peer, "it wants no more", options);
  }
}

/** The signals that end a program by themselves. */
export type Interruption = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM";

/** A signal ended the command at once. */
export class InterruptedError extends CoaxError {
  readonly status: number;

  /** @param number The signal's number; shells show such a status as 128 + it. */
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
