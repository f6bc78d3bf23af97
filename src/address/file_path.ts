/** The path of a file, a device or a FIFO, and what it is used for. */
import { AddressError } from "../core/errors.ts";

/** Both ways, reading alone, or appending alone. */
export type FileScheme = "file" | "file+read" | "file+append";
export const FILE_SCHEMES: readonly FileScheme[] = ["file", "file+read", "file+append"];

export function isFileScheme(scheme: string | undefined): scheme is FileScheme {
  return (FILE_SCHEMES as readonly (string | undefined)[]).includes(scheme);
}

/** Options of socat behind a path, which would be part of a name here. */
const SOCAT_OPTIONS =
  /,(?:b\d+|raw(?:er)?|append|creat|create|rdonly|wronly|rdwr|trunc|crnl|nonblock|echo=[01])(?:,|$)/;

/**
 * Parses what follows a scheme: a path, or `///path` as URLs have it. Nothing is decoded. Throws an
 * `AddressError` for one that the system can't take.
 */
export function parseFilePath(text: string, scheme: string, written: string): string {
  const path = written.replace(/^\/{3,}/, "/");
  if (SOCAT_OPTIONS.test(path)) {
    throw new AddressError(text, "expected no options of socat; coax explain translates them");
  }
  if (path !== "" && !path.startsWith("//") && !path.includes("\0")) return path;
  const meant = /^\/\/[^/]/.test(path) ? `; did you mean ${text.replace("://", ":/")}?` : "";
  throw new AddressError(text, `expected ${scheme}:PATH${meant}`);
}
