/** Close codes (RFC 6455 §7.4): which may be sent, which are no error, which one an error gets. */
import type { Close } from "../core/duplex.ts";
import { BrokenError, CloseError, isQuiet, LoggedError, TimeoutError } from "../core/errors.ts";

export type { Close };

/** A normal closure (RFC 6455 §7.4.1). */
export const NORMAL: Close = { code: 1000, reason: "" };

const GOING_AWAY = 1001;
/** A Close without a code (RFC 6455 §7.1.5). */
export const NO_CODE = 1005;
/** No Close at all (RFC 6455 §7.1.5). */
export const NO_CLOSE = 1006;
const INTERNAL_ERROR = 1011;

/** Longest reason, bytes: a control frame holds 125, and the code takes two. */
const LONGEST_REASON = 123;

/** The peer broke the protocol; our Close has this `code` (RFC 6455 §7.4.1). */
export class ViolationError extends BrokenError {
  constructor(peer: string, readonly code: number, reason: string, options?: ErrorOptions) {
    super("receive from", peer, `${reason} (closed with ${code})`, options);
  }
}

/** The error for a peer that is gone without a Close; `how` is the reason shown. */
export function noClose(peer: string, how: string, options?: ErrorOptions): CloseError {
  return new CloseError(peer, NO_CLOSE, how, options);
}

/** Whether a Close frame may carry `code` (RFC 6455 §7.4, and IANA's registry for 1012 to 1014). */
export function canSend(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_CODE && code !== NO_CLOSE) ||
    (code >= 3000 && code <= 4999);
}

/** Parses `CODE[:REASON]`. Throws a plain `Error` with what was expected. */
export function parseClose(text: string): Close {
  const [, code, reason = ""] = /^(\d{4})(?::(.*))?$/s.exec(text) ?? [];
  if (code === undefined || !canSend(Number(code))) {
    throw new Error(
      "expected CODE[:REASON], a code being 1000 to 1014 (not 1004 to 1006) or 3000 to 4999",
    );
  }
  if (new TextEncoder().encode(reason).length > LONGEST_REASON || !reason.isWellFormed()) {
    throw new Error(`expected a reason of at most ${LONGEST_REASON} bytes`);
  }
  return { code: Number(code), reason };
}

/** A Close as shown in messages: its code, and its reason if it has one. */
export function formatClose({ code, reason }: Close): string {
  const codeText = code === NO_CODE ? "without a code" : String(code);
  return reason ? `${codeText} "${reason}"` : codeText;
}

/** `closed with 1001 "gone"`, `closed without a code`. */
export function closedText(close: Close): string {
  return `closed ${close.code === NO_CODE ? "" : "with "}${formatClose(close)}`;
}

/** Whether a Close with `code` says that all is well. */
export function isOrderly(code: number): boolean {
  return code === NORMAL.code || code === GOING_AWAY || code === NO_CODE;
}

/** Whether a peer's Close with `code` is no error; `ours` is the one that we send ourselves. */
export function isClean(code: number, ours: Close): boolean {
  return isOrderly(code) || code === ours.code;
}

/** Our Close when `error` closes the connection. */
export function closeFor(error: Error): Close {
  const reason = "";
  if (error instanceof LoggedError) return closeFor(error.cause as Error);
  if (error instanceof ViolationError) return { code: error.code, reason };
  // Mostly from the other leg of a relay, whose code and reason are passed on.
  if (error instanceof CloseError && canSend(error.code)) {
    return { code: error.code, reason: error.text };
  }
  const leaving = error instanceof TimeoutError || isQuiet(error);
  return { code: leaving ? GOING_AWAY : INTERNAL_ERROR, reason };
}
