/** Proxies as requests and files ask for them. */
import type { ToxicSpec } from "../faults/mod.ts";
import { HttpError } from "../http/http_error.ts";
import { badBody, fieldOf, objectOf } from "./json_input.ts";
import { toxicSpecsOf } from "./toxic_spec.ts";

/** A proxy to make; its addresses haven't been looked at yet. */
export interface ProxySpec {
  readonly name: string;
  /** Empty for any port of this machine. */
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly ToxicSpec[];
}

/** What changes of a proxy; what isn't named stays. */
export type ProxyChange = Partial<Pick<ProxySpec, "listen" | "upstream" | "enabled">>;

/** The proxy that a JSON object describes. Throws an `HttpError`. */
export function proxySpecOf(json: unknown): ProxySpec {
  const object = objectOf(json, "proxy");
  const { listen = "", upstream = "", enabled = true } = proxyChangeOf(json);
  const name = fieldOf(object, "name", "string");
  if (!name) throw new HttpError(400, "missing required field: name");
  if (!upstream) throw new HttpError(400, "missing required field: upstream");
  return { name, listen, upstream, enabled, toxics: toxicSpecsOf(object) };
}

/** What a JSON object changes of a proxy. Throws an `HttpError`. */
export function proxyChangeOf(json: unknown): ProxyChange {
  const object = objectOf(json);
  return {
    listen: fieldOf(object, "listen", "string"),
    upstream: fieldOf(object, "upstream", "string"),
    enabled: fieldOf(object, "enabled", "boolean"),
  };
}

/** The proxies of a JSON array; an error says which one is wrong. Throws an `HttpError`. */
export function proxySpecsOf(json: unknown): ProxySpec[] {
  if (!Array.isArray(json)) throw badBody("expected an array of proxies");
  return json.map((one, i) => ofProxy(i, () => proxySpecOf(one)));
}

/** Adds the place of a proxy in its list, counted from 1, to the `HttpError` of `check`. */
export function ofProxy<T>(index: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new HttpError(error.status, `${error.message} at proxy ${index + 1}`, error.headers);
  }
}
