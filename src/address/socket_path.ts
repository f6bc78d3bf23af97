/** The path of a Unix socket. */
import { AddressError } from "../core/errors.ts";
import { platform } from "../platform/platform.ts";

/** Parses a path. Throws an `AddressError` for one that the system can't take. */
export function parseSocketPath(text: string, written: string, expected: string): string {
  const { name, unixPathMax } = platform();
  if (unixPathMax === 0) throw new AddressError(text, `Deno has no Unix sockets on ${name}`);
  const path = written.replace(/^\/{3,}/, "/");
  if (path === "" || path.startsWith("//") || path.includes("\0")) {
    const meant = /^\/\/[^/]/.test(path) ? text.replace("://", ":/") : undefined;
    throw new AddressError(text, `expected ${expected}${meant ? `; did you mean ${meant}?` : ""}`);
  }
  const size = new TextEncoder().encode(path).length;
  if (size > unixPathMax) {
    throw new AddressError(
      text,
      `expected a path of at most ${unixPathMax} bytes, this one has ${size}`,
    );
  }
  return path;
}
