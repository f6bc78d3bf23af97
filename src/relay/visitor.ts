/** A WebSocket's client as the visitor of a target that is a WebSocket, too. */
import type { Address } from "../address/address.ts";
import type { Channel, PendingUpgrade } from "../core/duplex.ts";
import type { CoaxError } from "../core/errors.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isToken } from "../http/field.ts";
import type { Field } from "../http/head.ts";
import type { wsDialFlags } from "../options/websocket.ts";
import type { Visitor } from "../transports/options.ts";
import { UpgradeRefusedError } from "../ws/refusal.ts";
import type { relayFlags } from "./options.ts";
import { isLate } from "./proxy_server.ts";

type VisitorOptions = OptionsOf<
  & Pick<typeof relayFlags, "passHeaders">
  & Pick<typeof wsDialFlags, "protocol">
>;

/** Fields that `--pass-headers` passes on. */
const PASSED = ["Cookie", "Authorization"];

/** What is asked of the target for a client; `--protocol` says what is spoken on both sides. */
export function visitorOf(
  { request }: Channel,
  { protocols, headers }: PendingUpgrade,
  { passHeaders, protocol }: VisitorOptions,
): Visitor {
  const passed = passHeaders ? PASSED.flatMap((name) => fieldOf(headers, name)) : [];
  const { path = "" } = request ?? {};
  const own = protocol.length > 0;
  return {
    path: path.startsWith("/") ? path : "/",
    ws: own ? { passed } : { passed, protocols: protocols.filter(isToken), mayDecline: true },
  };
}

function fieldOf(headers: Headers, name: string): Field[] {
  const value = headers.get(name);
  return value === null ? [] : [[name, value]];
}

/** Answers the client once its target is connected: what that speaks is spoken. */
export async function acceptVisitor(upgrade: PendingUpgrade, target: Channel["request"]) {
  const chosen = target?.protocol;
  const isOffered = chosen !== undefined && upgrade.protocols.includes(chosen);
  await upgrade.accept(isOffered ? chosen : undefined);
}

/**
 * Whether a target's refusal is its answer to what was passed on: another client may be welcome.
 * That it is busy or can't be reached (RFC 9110 §15.5) is no such answer.
 */
export function isForVisitor(
  error: unknown,
  target: Address,
  { passHeaders }: Pick<VisitorOptions, "passHeaders">,
): boolean {
  if (!(error instanceof UpgradeRefusedError)) return false;
  const { answer } = error;
  const isRefusal = answer >= 400 && answer < 500 && !NOT_ABOUT_REQUEST.includes(answer);
  return isRefusal && (passHeaders || ("path" in target && target.path === undefined));
}

/** Statuses for a proxy's login, a time that ran out, and too many requests. */
const NOT_ABOUT_REQUEST = [407, 408, 429];

/** Answers the client of a target that isn't connected: with the target's own refusal, or ours. */
export async function refuseVisitor(upgrade: PendingUpgrade, error: CoaxError): Promise<void> {
  if (error instanceof UpgradeRefusedError && error.answer >= 400 && error.answer !== 407) {
    return await upgrade.refuse(error.answer, "refused by the target", error.challenge);
  }
  await (isLate(error)
    ? upgrade.refuse(504, "the target doesn't answer in time")
    : upgrade.refuse(502, "the target can't be connected to"));
}
