/** The path and query of a WebSocket address. */
import { AddressError } from "../core/errors.ts";

/** Parses the path and query of a request line (RFC 9112 §3.2.1), without a fragment. */
export function parseRequestTarget(text: string, written: string): string {
  const target = written.startsWith("/") ? written : "/" + written;
  if (/[\s#\0-\x1f\x7f]/.test(target) || !target.isWellFormed()) {
    throw new AddressError(text, "expected a path without spaces, control characters and #");
  }
  return encodeURI(target).replaceAll("%25", "%");
}
