/** `--bus`: parses its URL and opens the bus; the NATS packages are loaded only if needed. */
import type { Bus } from "./bus.ts";
import { MemoryBus } from "./memory.ts";
import { UsageError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { hostName } from "../../address/host.ts";
import { type Login, maskLogin, parseLogin } from "../../address/login.ts";

/** A bus as the command line names it. */
interface BusAddress {
  /** The URL with its credentials masked. */
  readonly shown: string;
  /** `HOST:PORT` of the servers to try. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** For a server that authenticates by a token. */
  readonly token?: string;
  readonly stream: string;
}

const EXPECTED = "expected nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT][,HOST[:PORT]...][/NAME]";

/**
 * Parses `nats://host:port`, with several servers if it is a cluster, and a name where one NATS
 * server has several chats. Throws a `UsageError`.
 */
export function parseBus(text: string): BusAddress {
  const [, secret, hosts, name] = /^nats:\/\/(?:([^@/]*)@)?([^@/]+)(?:\/([\w-]{0,32}))?$/
    .exec(text) ?? [];
  const servers = (hosts ?? "").split(",").map(parseServer);
  const login = parseLogin(secret ?? "");
  if (!login || !servers.every((server) => server !== undefined)) {
    throw new UsageError(`--bus ${maskLogin(text)}`, EXPECTED);
  }
  return {
    shown: `nats://${secret ? "***@" : ""}${hosts}${name ? `/${name}` : ""}`,
    servers,
    ...secret && credentialsOf(login),
    stream: `coax-${name || "chat"}`,
  };
}

/** `HOST[:PORT]` with the host's name in ASCII; undefined if `text` isn't valid. */
function parseServer(text: string): string | undefined {
  const [, host, port] = /^(\[[\da-fA-F:.]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const name = host?.startsWith("[") ? host : hostName(host ?? "");
  if (name === undefined || (port && (Number(port) < 1 || Number(port) > 65535))) return undefined;
  return port ? `${name}:${port}` : name;
}

/** User and password, or a token if there is no password. */
function credentialsOf({ user, password }: Login): Pick<BusAddress, "user" | "password" | "token"> {
  return password === undefined ? { token: user } : { user, password };
}

/** Opens the bus at `address`, or one inside this process if there is none. */
export async function openBus(address: BusAddress | undefined, log: Log): Promise<Bus> {
  if (!address) return new MemoryBus();
  const { NatsBus } = await import("./nats.ts");
  return new NatsBus(address, address.shown, log);
}
