/** The path of a Unix socket, or its name where it is an abstract one (unix(7)). */
import { AddressError } from "../core/errors.ts";
import { platform } from "../platform/platform.ts";

/** What the system has before an abstract name, and what addresses have there. */
const ABSTRACT = "\0";
const SHOWN_ABSTRACT = "@";

/** Whether it is an abstract name, which no file stands for. */
export function isAbstract(path: string): boolean {
  return path.startsWith(ABSTRACT);
}

/** The path as addresses have it: `/run/x`, or `@name` for an abstract one. */
export function formatSocketPath(path: string): string {
  return isAbstract(path) ? SHOWN_ABSTRACT + path.slice(1) : path;
}

/**
 * Parses a path, or the abstract name `@name`, which begins with a NUL for the system. Throws an
 * `AddressError` for one that the system can't take.
 */
export function parseSocketPath(text: string, written: string, expected: string): string {
  const { name, unixPathMax } = platform();
  if (unixPathMax === 0) throw new AddressError(text, `Deno has no Unix sockets on ${name}`);
  if (written.startsWith(SHOWN_ABSTRACT)) return parseAbstract(text, written.slice(1));
  const path = written.replace(/^\/{3,}/, "/");
  if (path === "" || path.startsWith("//") || path.includes("\0")) {
    const meant = /^\/\/[^/]/.test(path) ? text.replace("://", ":/") : undefined;
    throw new AddressError(text, `expected ${expected}${meant ? `; did you mean ${meant}?` : ""}`);
  }
  checkSize(text, path, "path");
  return path;
}

function parseAbstract(text: string, name: string): string {
  const { abstractSockets, name: system } = platform();
  if (!abstractSockets) {
    const file = "a file of that name is ./@NAME";
    throw new AddressError(text, `${system} has no abstract Unix sockets (@NAME); ${file}`);
  }
  if (name === "" || name.includes("\0")) {
    throw new AddressError(text, "expected the name of an abstract socket after @");
  }
  checkSize(text, name, "name");
  return ABSTRACT + name;
}

function checkSize(text: string, path: string, what: string): void {
  const { unixPathMax } = platform();
  const size = new TextEncoder().encode(path).length;
  if (size <= unixPathMax) return;
  throw new AddressError(
    text,
    `expected a ${what} of at most ${unixPathMax} bytes, this one has ${size}`,
  );
}
