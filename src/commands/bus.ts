/** `--bus`: from its URL to the bus of a room, loaded only where it is asked for. */
import type { Bus } from "../chat/bus.ts";
import { MemoryBus } from "../chat/memory_bus.ts";
import type { Log } from "../core/log.ts";

/** A bus as the command line names it. */
export interface BusAddress {
  /** The same without its password. */
  readonly shown: string;
  /** `HOST:PORT` of the servers to try. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly stream: string;
}

const EXPECTED = "expected nats://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...][/NAME]";

/** `nats://host:port`; several servers of a cluster; a name where one NATS has several chats. */
export function parseBus(text: string): BusAddress {
  const [, secret, hosts, name] = /^nats:\/\/(?:([^@/]*)@)?([^@/]+)(?:\/([\w-]{0,32}))?$/
    .exec(text) ?? [];
  const servers = (hosts ?? "").split(",");
  if (!servers.every((server) => /^(?:\[[\da-fA-F:.]+\]|[\w.-]+)(?::\d{1,5})?$/.test(server))) {
    throw new Error(EXPECTED);
  }
  const [user, password] = secret?.split(":").map(decodeURIComponent) ?? [];
  return {
    shown: `nats://${secret ? "***@" : ""}${hosts}${name ? `/${name}` : ""}`,
    servers,
    user,
    password,
    stream: `coax-${name || "chat"}`,
  };
}

/** The bus to use: the process itself where none is named. */
export async function openBus(address: BusAddress | undefined, log: Log): Promise<Bus> {
  if (!address) return new MemoryBus();
  const { NatsBus } = await import("../chat/nats_bus.ts");
  return new NatsBus(address, address.shown, log);
}
