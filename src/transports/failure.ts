/** What the operating system says, in the classes and words that coax uses. */
import {
  BrokenError,
  CoaxError,
  ResetError,
  ResolveError,
  TimeoutError,
  TlsError,
  UnavailableError,
} from "../core/errors.ts";
import { tlsReason } from "./tls/reason.ts";

/** The system's own words: `connection refused`, without the number behind them. */
export function reasonOfSystem(error: Error): string {
  // Deno's own words are about flags that whoever compiles a program gives.
  if (error instanceof Deno.errors.NotCapable && /^Requires all access/i.test(error.message)) {
    return "the runtime keeps programs away from most of /dev and /proc";
  }
  if (isWithoutDirectory(error.message)) return "our working directory has been removed";
  // Node's words stand between a code and a call: `ENXIO: no such device or address, open '…'`.
  const words = error.message.replace(/ \(os error \d+\).*$/s, "")
    .replace(/^E[A-Z0-9]+: (.*), \w+(?: '.*')?$/s, "$1");
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** Whether that is what the runtime says where the directory that it was started in has gone. */
export function isWithoutDirectory(words: string): boolean {
  return words.includes("failed resolving cwd");
}

/** An error while connecting or listening. A name that has no address comes without a code. */
export function unavailable(stage: string, address: string, error: unknown): CoaxError {
  if (error instanceof CoaxError) return error;
  const cause = error as Error & { code?: string };
  if (/failed to lookup|ENOTFOUND|EAI_/.test(`${cause.code} ${cause.message}`)) {
    return new ResolveError("resolve", address, "no address is known for this name", { cause });
  }
  if (cause.code === "ETIMEDOUT") {
    return new TimeoutError(stage, address, "timed out", { cause });
  }
  // Connected, and reset before that could be told, or before it could be asked for its address.
  if (cause.code === "ECONNRESET" || cause.code === "ENOTCONN") {
    return new ResetError("receive from", address, { cause });
  }
  if (cause.code === "EADDRINUSE") {
    return new UnavailableError(stage, address, "address in use", { cause });
  }
  return new UnavailableError(stage, address, reasonOfSystem(cause), { cause });
}

/** Errors of a datagram that can't get to its peer. */
const UNREACHABLE = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EACCES", "EPERM"]);

/** Words for what the system says by a number alone (errno(3), Linux). */
const WORDS: Partial<Record<number, string>> = {
  101: "network is unreachable",
  111: "connection refused",
  113: "no route to host",
};

/** A datagram to `peer` has been refused on its way, says the system by a number. */
export function refused(peer: string, number: number): UnavailableError {
  return new UnavailableError("send to", peer, WORDS[number] ?? `system error ${number}`);
}

/** An error of a datagram to a peer of which nothing may have been heard yet. */
export function undelivered(peer: string, error: unknown): CoaxError {
  const { code, message } = error as Error & { code?: string };
  const never = UNREACHABLE.has(`${code}`) || /failed to lookup/.test(message);
  return never ? unavailable("send to", peer, error) : broken("send to", peer, error);
}

const CUT_SHORT = "TLS cut short, without the peer's close_notify";

/** An error of a connection that was up. */
export function broken(stage: string, peer: string, error: unknown): CoaxError {
  if (error instanceof CoaxError) return error;
  const cause = error as Error & { code?: string };
  switch (cause.code ?? cause.name) {
    case "ECONNRESET":
    case "ConnectionReset":
      return new ResetError(stage, peer, { cause });
    case "EPIPE":
    case "BrokenPipe":
    case "ENOTCONN":
    case "NotConnected":
      return new ResetError(stage, peer, { cause }, "the peer has gone (broken pipe)");
    case "UnexpectedEof": // A FIN alone may be an attacker's (RFC 8446 §6.1).
      return new ResetError(stage, peer, { cause }, CUT_SHORT);
    case "InvalidData":
      return new TlsError(stage, peer, tlsReason(cause.message), { cause });
    default:
      return new BrokenError(stage, peer, reasonOfSystem(cause), { cause });
  }
}
