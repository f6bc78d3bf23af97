/** Maps options to those of listening at a gate. */
import { type Address, isGate } from "../address/address.ts";
import { AddressError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { listenerFlags } from "../options/groups.ts";
import { gateSecretOf } from "../options/secret.ts";
import { tlsForDialing } from "../options/tls.ts";
import { requireKeepAlive } from "../transports/keep_alive.ts";
import type { GateOptions } from "../transports/options.ts";
import { familyOf } from "./connect.ts";

/**
 * How to reach a gate, and the secret; undefined where `address` is none. Rejects with a
 * `UsageError` for options that can't be used, and with an `AddressError` without a secret.
 */
export async function gateOptionsFor(
  address: Address,
  options: OptionsOf<typeof listenerFlags>,
  log: Log,
): Promise<GateOptions | undefined> {
  if (!isGate(address)) return undefined;
  const { secret, connectTimeout, via, bind } = options;
  if (secret === undefined) {
    throw new AddressError(address.text, "needs --secret TEXT or --secret @FILE");
  }
  const encrypted = address.scheme === "gate+tls" || address.scheme === "gate+wss";
  const tls = encrypted
    ? await tlsForDialing({ ...address, scheme: "tls" }, options, log)
    : undefined;
  return {
    secret: await gateSecretOf(secret),
    dial: {
      log,
      connectTimeout,
      family: familyOf(options),
      via,
      bind,
      broadcast: false,
      keepAlive: requireKeepAlive(options.keepalive),
      allow: undefined,
      tls: tls && { ...tls, starttls: undefined },
      ws: undefined,
    },
  };
}
