/** Serves the page over HTTP: one document, in which a browser runs only the built-in script. */
import type { Answer } from "../../http/answer.ts";
import { type Field, listOf, type RequestHead } from "../../http/head.ts";
import { PAGE, SCRIPT, STYLE, TAG } from "./built.ts";

/**
 * The content security policy (CSP level 3): allows this style and this script only, by their
 * hashes. `'self'` for connections is the page's own host, over WebSocket too.
 */
const POLICY = [
  "default-src 'none'",
  `script-src '${SCRIPT}'`,
  `style-src '${STYLE}'`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const ETAG = `"${TAG}"`;

const FIELDS: readonly Field[] = [
  ["Cache-Control", "no-cache"],
  ["ETag", ETAG],
  ["Content-Security-Policy", POLICY],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
];

/** The page for GET and HEAD, 304 if the ETag matches (RFC 9110 §13.1.2); else undefined. */
export function answerWithPage({ method, headers }: RequestHead): Answer | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const known = listOf(headers, "if-none-match").map((tag) => tag.replace(/^W\//, ""));
  if (known.includes(ETAG) || known.includes("*")) return { status: 304, headers: FIELDS };
  return {
    status: 200,
    headers: [["Content-Type", "text/html; charset=utf-8"], ...FIELDS],
    body: PAGE,
  };
}
