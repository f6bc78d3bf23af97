/** Judges who may ask the control: by Host and Origin, by what a browser says, and by a token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHead } from "../http/head.ts";
import { HttpError } from "../http/http_error.ts";
import { forbidden, type OriginRule } from "../http/origin.ts";
import { isPanel } from "./panel_routes.ts";

/** Throws an `HttpError` for a request that isn't let in. */
export type Guard = (head: Pick<RequestHead, "method" | "target" | "headers">) => void;

/** Credentials (RFC 6750 §2.1); the scheme has no case (RFC 9110 §11.1). */
const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/**
 * The guard of one address.
 *
 * @param token What `Authorization: Bearer` must have; undefined where nobody is asked.
 */
export function guardOf(rule: OriginRule, token: string | undefined): Guard {
  const expected = token === undefined ? undefined : digest(token);
  return (head) => {
    const { headers } = head;
    const why = forbidden(head, rule) ?? fromForeignPage(headers);
    if (why) throw new HttpError(403, why);
    if (!expected || isPanel(head)) return;
    const given = BEARER.exec(headers.get("authorization") ?? "")?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    const error = given === undefined ? "" : ', error="invalid_token"'; // RFC 6750 §3.1
    throw new HttpError(401, given === undefined ? "a token is required" : "wrong token", {
      "WWW-Authenticate": `Bearer realm="coax control"${error}`,
    });
  };
}

/** Digests are of one length, and their comparison tells nothing about the token. */
function digest(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

/**
 * The reason to refuse what a page of another origin fetches without saying its origin: an image or
 * a script would be answered, unread, and take a place (Fetch Metadata, W3C). A link that is
 * followed is let in.
 */
function fromForeignPage(headers: Headers): string | undefined {
  const site = headers.get("sec-fetch-site") ?? "none";
  if (headers.has("origin") || site === "none" || site === "same-origin") return undefined;
  if (headers.get("sec-fetch-dest") === "document") return undefined;
  return "a page of another origin asks; --allow-origin can list it";
}
