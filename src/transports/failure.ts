/** Turns errors of the operating system into coax's classes. */
import {
  BrokenError,
  CoaxError,
  ResetError,
  ResolveError,
  TimeoutError,
  TlsError,
  UnavailableError,
} from "../core/errors.ts";
import { reasonOfSystem } from "./system_reason.ts";
import { tlsReason } from "./tls/reason.ts";

/** An error while connecting or listening. DNS failures have no code, so the message decides. */
export function unavailable(stage: string, address: string, error: unknown): CoaxError {
  if (error instanceof CoaxError) return error;
  const cause = error as Error & { code?: string };
  if (/failed to lookup|ENOTFOUND|EAI_/.test(`${cause.code} ${cause.message}`)) {
    return new ResolveError("resolve", address, "no address is known for this name", { cause });
  }
  if (cause.code === "ETIMEDOUT") {
    return new TimeoutError(stage, address, "timed out", { cause });
  }
  // Reset right after connecting: before `connect` returned, or before the address was read.
  if (cause.code === "ECONNRESET" || cause.code === "ENOTCONN") {
    return new ResetError("receive from", address, { cause });
  }
  if (cause.code === "EADDRINUSE") {
    return new UnavailableError(stage, address, "address in use", { cause });
  }
  return new UnavailableError(stage, address, reasonOfSystem(cause), { cause });
}

/** Codes of a datagram that can't reach its peer. */
const UNREACHABLE = new Set([
  "ENOENT",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EACCES",
  "EPERM",
]);

/** Codes and messages for numbers of errno(3), Linux. */
const ERRNOS: Partial<Record<number, readonly [code: string, reason: string]>> = {
  2: ["ENOENT", "no such file or directory"],
  5: ["EIO", "input/output error"],
  6: ["ENXIO", "no such device or address"],
  11: ["EAGAIN", "resource temporarily unavailable"],
  13: ["EACCES", "permission denied"],
  16: ["EBUSY", "device or resource busy"],
  19: ["ENODEV", "no such device"],
  20: ["ENOTDIR", "not a directory"],
  22: ["EINVAL", "it can't be reached from the address that is bound"],
  24: ["EMFILE", "too many open files"],
  28: ["ENOSPC", "no space left on device"],
  30: ["EROFS", "read-only file system"],
  32: ["EPIPE", "broken pipe"],
  40: ["ELOOP", "too many levels of symbolic links"],
  90: ["EMSGSIZE", "message too long"],
  91: ["EPROTOTYPE", "protocol wrong type for socket"],
  98: ["EADDRINUSE", "address in use"],
  99: [
    "EADDRNOTAVAIL",
    "our address and port already have a connection there, or had one a moment ago",
  ],
  101: ["ENETUNREACH", "network is unreachable"],
  104: ["ECONNRESET", "reset by peer"],
  110: ["ETIMEDOUT", "timed out"],
  111: ["ECONNREFUSED", "connection refused"],
  113: ["EHOSTUNREACH", "no route to host"],
};

/** The error of a call to the C library that failed with this errno(3). */
export function systemError(number: number): Error & { code?: string } {
  const [code, reason] = ERRNOS[number] ?? [undefined, `system error ${number}`];
  return Object.assign(new Error(reason), { code });
}

/** The error for a datagram to `peer` that was refused on its way; `number` is an errno(3). */
export function datagramRefused(peer: string, number: number): UnavailableError {
  return new UnavailableError("send to", peer, systemError(number).message);
}

/** An error of sending a datagram: unavailable if the peer can't be reached, else broken. */
export function datagramFailed(peer: string, error: unknown): CoaxError {
  const { code, message } = error as Error & { code?: string };
  const unreachable = UNREACHABLE.has(`${code}`) || /failed to lookup/.test(message);
  return unreachable ? unavailable("send to", peer, error) : broken("send to", peer, error);
}

const CUT_SHORT = "TLS cut short, without the peer's close_notify";

/** An error of an established connection. */
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
    case "UnexpectedEof": // FIN without close_notify may be forged (RFC 8446 §6.1).
      return new ResetError(stage, peer, { cause }, CUT_SHORT);
    case "InvalidData":
      return new TlsError(stage, peer, tlsReason(cause.message), { cause });
    default:
      return new BrokenError(stage, peer, reasonOfSystem(cause), { cause });
  }
}
