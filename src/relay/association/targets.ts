/** The targets of a client's datagrams: resolved, allowed, and known again by their answers. */
import { formatAuthority } from "../../address/address.ts";
import { canonicalHost, formatIp, parseIp } from "../../address/ip.ts";
import { ForbiddenError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Allow } from "../../proxy/allow.ts";
import type { RequestedTarget } from "../../proxy/target.ts";
import { resolve } from "../../transports/resolve.ts";

/** Targets of one client that are remembered; the one that was used longest ago is forgotten. */
const MAX_TARGETS = 1024;
/** How long a name's address is used before it is resolved again, milliseconds. */
const NAME_LIFETIME = 60_000;

interface ResolvedName {
  readonly until: number;
  readonly address: Promise<Deno.NetAddr>;
}

interface TargetOptions {
  readonly allow: Allow;
  /** The only address family to use. */
  readonly family: 4 | 6 | undefined;
  readonly log: Log;
}

export class DatagramTargets {
  readonly #names = new Map<string, ResolvedName>();
  readonly #sources = new Map<string, true>();

  constructor(private readonly options: TargetOptions) {}

  /**
   * The address of `target`, whose answers are awaited from now on. Rejects with a `ForbiddenError`
   * or a `ResolveError`.
   */
  async addressOf(target: RequestedTarget): Promise<Deno.NetAddr> {
    const address = await this.#resolved(target);
    remember(this.#sources, keyOf(address), true);
    return address;
  }

  /** Whether something was sent to that address, so that what it sends is an answer. */
  isAwaited(from: Deno.NetAddr): boolean {
    return this.#sources.has(keyOf(from));
  }

  #resolved(target: RequestedTarget): Promise<Deno.NetAddr> {
    if (parseIp(target.host)) return this.#resolve(target);
    const key = formatAuthority(target);
    const known = this.#names.get(key);
    if (known && known.until > performance.now()) return known.address;
    const address = this.#resolve(target);
    remember(this.#names, key, { until: performance.now() + NAME_LIFETIME, address });
    return address;
  }

  async #resolve({ host, port }: RequestedTarget): Promise<Deno.NetAddr> {
    const { allow, family, log } = this.options;
    const text = `udp://${formatAuthority({ host, port })}`;
    const ip = parseIp(host);
    const literal = ip && formatIp(ip); // An IPv4-mapped address as IPv4.
    const found = literal === undefined || family
      ? await resolve(literal ?? host, text, { family, log })
      : [literal];
    const hostname = found.find((one) => allow(host, one, port));
    if (hostname === undefined) throw new ForbiddenError(text);
    return { transport: "udp", hostname, port };
  }
}

function keyOf({ hostname, port }: Deno.NetAddr): string {
  return `${canonicalHost(hostname)} ${port}`;
}

/** Makes it the newest entry, and forgets the oldest over the limit. */
function remember<V>(entries: Map<string, V>, key: string, value: V): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size > MAX_TARGETS) entries.delete(entries.keys().next().value!);
}
