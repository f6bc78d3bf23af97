/** Carries a SOCKS5 client's datagrams: UDP ASSOCIATE (RFC 1928 §6, §7). */
import { parseLiteral } from "../../address/ip.ts";
import type { Connection, Duplex } from "../../core/duplex.ts";
import { type CoaxError, RefusedError } from "../../core/errors.ts";
import type { Allow } from "../../proxy/allow.ts";
import { parseTarget } from "../../proxy/target.ts";
import { familyOf } from "../../setup/connect.ts";
import { DEFAULT_IDLE_TIMEOUT } from "../../transports/datagram/listener.ts";
import type { DestinationOptions, Visit } from "../destination.ts";
import type { AssociationRequest } from "../proxy_server.ts";
import { Association } from "./association.ts";
import { DatagramTargets } from "./targets.ts";

interface AssociatingOptions {
  readonly allow: Allow;
  readonly options: DestinationOptions;
}

/**
 * Answers a request for an association, and resolves with its two sides. Rejects after the client
 * has been sent a refusal.
 */
export async function associationFor(
  control: Duplex,
  request: AssociationRequest,
  visit: Visit,
  given: AssociatingOptions,
): Promise<[client: Connection, target: Connection]> {
  let association: Association;
  try {
    association = associate(control, request, visit, given);
  } catch (error) {
    await request.refuse(error as CoaxError);
    throw error;
  }
  const { bound } = association;
  await request.accept(bound).catch((error) => {
    association.abandon();
    throw error;
  });
  const address = `udp://${bound.host}:${bound.port}`;
  visit.log.debug("associate", `carry datagrams that ${control.peer} sends to ${address}`, {
    address,
  });
  association.begin();
  return [visit.inPlaceOfClient(association.client), association.target];
}

/** Throws a `RefusedError` where datagrams can't be carried, or would go around what protects. */
function associate(
  control: Duplex,
  { from }: AssociationRequest,
  { local, log }: Visit,
  { allow, options }: AssociatingOptions,
): Association {
  const obstacle = obstacleIn(options);
  const address = parseTarget(local)?.host ?? "";
  const reason = obstacle ?? (parseLiteral(address) ? undefined : "a client with an IP address");
  if (reason) {
    throw new RefusedError("proxy", control.peer, `SOCKS5: UDP ASSOCIATE needs ${reason}`);
  }
  const { bind, idleTimeout = DEFAULT_IDLE_TIMEOUT } = options;
  const targets = new DatagramTargets({ allow, family: familyOf(options), log });
  return new Association(control, { local: address, from, targets, bind, idleTimeout, log });
}

/** What datagrams can't be sent with. */
function obstacleIn({ via, proxyProtocol, encoding }: DestinationOptions): string | undefined {
  if (via.length > 0) return "a relay without --via: datagrams would go around the proxy";
  if (proxyProtocol.some((wanted) => wanted !== "in")) {
    return "a relay without --proxy-protocol v1 or v2: datagrams have no PROXY header";
  }
  return encoding === undefined ? undefined : "a relay without --encoding: its messages are binary";
}
