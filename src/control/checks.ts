/** Refuses what couldn't act: a route that an option can't protect, a toxic on the wrong side. */
import { UsageError } from "../core/errors.ts";
import { needOf, type ToxicSpec } from "../faults/mod.ts";
import { checkNeeds, type TextsByOption } from "../flags/needs.ts";
import { HttpError } from "../http/http_error.ts";
import { dialerFlags, listenerFlags } from "../options/groups.ts";
import { carries, endpointOf, relayTargetOf } from "../options/needs.ts";
import { relayFlags } from "../relay/options.ts";
import type { RelayOptions } from "../relay/relay.ts";
import { canSendResets } from "../transports/held.ts";
import { checkUpstream, parseListen } from "./addresses.ts";
import type { Route } from "./proxy.ts";

const FLAGS = { ...listenerFlags, ...dialerFlags, ...relayFlags };

/** Toxics that are nothing without a reset. */
const RESETTING: readonly string[] = ["reset_peer"];

/** The route between two addresses as they are given. Throws an `HttpError`. */
export function routeOf(listen: string, upstream: string, options: RelayOptions): Route {
  const route = { listen: parseListen(listen), to: [upstream] };
  checkUpstream(upstream);
  checkOptions(route, options);
  return route;
}

/**
 * Throws an `HttpError` where an option that protects every connection couldn't: `--via` would be
 * passed by.
 */
export function checkOptions({ listen, to }: Route, options: RelayOptions): void {
  const sides = { from: [endpointOf(listen.text)], to: to.map(relayTargetOf) };
  try {
    checkNeeds(FLAGS, protecting(options), sides);
  } catch (error) {
    if (error instanceof UsageError) throw new HttpError(400, error.message);
    throw error;
  }
}

/** The given options that every address must honour. */
function protecting({ via, pin, clientCa, proxyProtocol }: RelayOptions): TextsByOption {
  const texts = {
    via: via.map(({ text }) => text),
    pin: pin === undefined ? [] : [pin],
    clientCa,
    proxyProtocol,
  };
  return new Map(Object.entries(texts).filter(([, given]) => given.length > 0));
}

/** Throws an `HttpError` where a toxic could never act on that route. */
export function checkToxic({ listen, to }: Route, { type, stream }: ToxicSpec): void {
  if (RESETTING.includes(type) && !canSendResets()) {
    throw new HttpError(501, `${type}: no reset can be sent on this system`);
  }
  const need = needOf(type);
  const sinks = stream === "upstream" ? to.map(relayTargetOf) : [endpointOf(listen.text)];
  if (!need || sinks.some(({ kind }) => carries(kind) === need)) return;
  const texts = sinks.map(({ text }) => text).join(" ");
  throw new HttpError(400, `${type} acts on ${need}, which ${texts} doesn't carry`);
}
