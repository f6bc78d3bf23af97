/** Who takes part in a recorded connection. */
import type { Conversation } from "../record/conversation.ts";
import { transportOf } from "../record/conversation.ts";
import type { RecordedEvent, SocketStep } from "../record/event.ts";
import type { Carrier, Party } from "./ladder.ts";
import { printable } from "./printable.ts";

export interface Cast {
  readonly parties: readonly Party[];
  /** What carries the bytes of the first connection, and of the second where coax is a relay. */
  readonly carriers: readonly Carrier[];
  /** Index of coax. */
  readonly coax: number;
}

/**
 * The parties from left to right: who connected, then who accepted. Coax is one of them, or between
 * them where the recording tells of a target.
 */
export function castOf(conversation: Conversation): Cast {
  const { events } = conversation;
  const opening = events.find((event) => event.event === "open");
  const { peer, local, at = "in", captured } = opening?.event === "open" ? opening : {};
  const ends = opening ? undefined : capturedEnds(events);
  if (ends) {
    const parties = [party("client", ends.peer), party("server", ends.local)];
    return { parties, carriers: ["tcp"], coax: 1 };
  }
  const isUdp = transportOf(conversation) === "udp";
  const target = targetOf(events);
  const named = carrierOf(peer ?? target);
  const carrier = isUdp && named !== "unixgram" ? "udp" : named;
  if (at === "out" || !opening) {
    const role = isOpenedHere(carrier) ? carrier : "server";
    const parties = [party("client", local, true), party(role, peer ?? target)];
    return { parties, carriers: [carrier], coax: 0 };
  }
  const client = party("client", peer);
  if (target === undefined) {
    const server = party("server", local, !captured);
    return { parties: [client, server], carriers: [carrier], coax: 1 };
  }
  const targetCarrier = carrierOf(target);
  const role = isOpenedHere(targetCarrier) ? targetCarrier : "target";
  const parties = [client, party("relay", local, true), party(role, target)];
  return { parties, carriers: [carrier, targetCarrier], coax: 1 };
}

/** The ends of a connection that was never there, of which a capture shows the attempt. */
function capturedEnds(events: readonly RecordedEvent[]): SocketStep["ends"] {
  const step = events.find((event) => event.event === "step" && event.ends !== undefined);
  return step?.event === "step" ? step.ends : undefined;
}

/** The target that was connected to at last, or tried last. */
function targetOf(events: readonly RecordedEvent[]): string | undefined {
  const addresses = ["connected", "connect", "spawn"].map((wanted) =>
    events.findLast((event) => event.event === "step" && event.step === wanted)
  );
  const found = addresses.find((event) => event !== undefined);
  return found?.event === "step" ? found.address : undefined;
}

function party(role: Party["role"], address: string | undefined, isCoax = false): Party {
  const shown = address?.replace(/^(?:tcp:\/\/|exec:|sh:)/, "");
  return { role, isCoax, address: shown === undefined ? undefined : printable(shown) };
}

function carrierOf(address = ""): Carrier {
  if (/^(?:ws\+)?unix:/.test(address)) return "unix";
  if (/^(?:exec:|sh:|stdio)/.test(address)) return "command";
  if (/^file(?:\+\w+)?:/.test(address)) return "file";
  const [, datagrams] = /^(udp|unixgram):/.exec(address) ?? [];
  return datagrams as "udp" | "unixgram" | undefined ?? "tcp";
}

/** Whether it takes no connecting: it is started, or opened. */
export function isOpenedHere(carrier: Carrier): carrier is "command" | "file" {
  return carrier === "command" || carrier === "file";
}
