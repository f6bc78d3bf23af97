/** Serves a page over HTTP: one document, in which a browser runs only the built-in script. */
import type { Answer } from "../http/answer.ts";
import { type Field, listOf, type RequestHead } from "../http/head.ts";

/** A document as `deno task page` builds it. */
export interface BuiltDocument {
  /** The document, with its style and its program. */
  readonly PAGE: string;
  /** Hash of the style, as a policy names it. */
  readonly STYLE: string;
  /** Hash of the program. */
  readonly SCRIPT: string;
  /** Changes with the document. */
  readonly TAG: string;
}

/**
 * The content security policy (CSP level 3): allows this style and this script only, by their
 * hashes. `'self'` for connections is the page's own host, over WebSocket too.
 */
function policyOf({ SCRIPT, STYLE }: BuiltDocument): string {
  return [
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
}

function fieldsOf(document: BuiltDocument): readonly Field[] {
  return [
    ["Cache-Control", "no-cache"],
    ["ETag", etagOf(document)],
    ["Content-Security-Policy", policyOf(document)],
    ["X-Content-Type-Options", "nosniff"],
    ["Referrer-Policy", "no-referrer"],
    ["Cross-Origin-Opener-Policy", "same-origin"],
    ["Cross-Origin-Resource-Policy", "same-origin"],
  ];
}

function etagOf({ TAG }: BuiltDocument): string {
  return `"${TAG}"`;
}

/** The page for GET and HEAD, 304 if the ETag matches (RFC 9110 §13.1.2); else undefined. */
export function answerWithDocument(
  document: BuiltDocument,
  { method, headers }: Pick<RequestHead, "method" | "headers">,
): Answer | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const fields = fieldsOf(document);
  const known = listOf(headers, "if-none-match").map((tag) => tag.replace(/^W\//, ""));
  if (known.includes(etagOf(document)) || known.includes("*")) {
    return { status: 304, headers: fields };
  }
  return {
    status: 200,
    headers: [["Content-Type", "text/html; charset=utf-8"], ...fields],
    body: document.PAGE,
  };
}
