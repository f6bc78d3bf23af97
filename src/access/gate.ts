/** The gate at a listener: deny wins, allow opens, files count as they are now. */
import { CoaxError, reasonOf, UsageError } from "../core/errors.ts";
import { type Ip, parseIp } from "../address/ip.ts";
import { parseList } from "./list.ts";
import { type HostFunctions, ListFile } from "./list_file.ts";
import { RangeSet } from "./ranges.ts";

/** One option's entries; those with an `@` are files. */
class Entries {
  #stated = new RangeSet();
  readonly #files: readonly ListFile[];

  constructor(
    private readonly option: string,
    private readonly entries: readonly string[],
    private readonly outside: HostFunctions,
  ) {
    this.#files = entries.filter(isFile).map((entry) =>
      new ListFile(option, entry.slice(1), outside)
    );
  }

  get given(): boolean {
    return this.entries.length > 0;
  }

  async load(): Promise<void> {
    const stated = this.entries.filter((entry) => !isFile(entry)).map((text) => ({ text }));
    try {
      this.#stated = await parseList(stated, this.outside.resolve);
    } catch (error) {
      throw error instanceof CoaxError ? error : new UsageError(this.option, reasonOf(error));
    }
    for (const file of this.#files) await file.load();
  }

  has(ip: Ip): boolean {
    return this.#stated.has(ip) || this.#files.some(({ ranges }) => ranges.has(ip));
  }
}

function isFile(entry: string): boolean {
  return entry.startsWith("@");
}

/** Says why a peer isn't let in, or nothing. */
type Admit = (peer: string) => string | undefined;

/**
 * The gate for `--allow` and `--deny`; undefined where neither is given. Peers without an IP
 * address (Unix sockets have permissions instead) always come in. Rejects with a `UsageError`.
 */
export async function openGate(
  allow: readonly string[],
  deny: readonly string[],
  outside: HostFunctions,
): Promise<Admit> {
  const allowed = new Entries("--allow", allow, outside);
  const denied = new Entries("--deny", deny, outside);
  await allowed.load();
  await denied.load();
  return (peer) => {
    const ip = ipOf(peer);
    if (ip === undefined) return undefined;
    if (denied.has(ip)) return "--deny lists it";
    if (allowed.given && !allowed.has(ip)) return "--allow doesn't list it";
    return undefined;
  };
}

/** The address of `1.2.3.4:5` or `[::1%eth0]:5`. */
function ipOf(peer: string): Ip | undefined {
  const [, six, four] = /^(?:\[([^\]%]+)[^\]]*\]|(\d[\d.]*)):\d+$/.exec(peer) ?? [];
  return parseIp(six ?? four ?? "");
}
