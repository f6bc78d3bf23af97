/** Admits peers by `--allow` and `--deny`: deny wins, and files count as they are now. */
import { CoaxError, reasonOf, UsageError } from "../core/errors.ts";
import { type Ip, ipOfPeer } from "../address/ip.ts";
import { parseList } from "./list.ts";
import { type HostFunctions, ListFile } from "./list_file.ts";
import { RangeSet } from "./ranges.ts";

/** The entries of one option; those with an `@` are files. */
class ListOption {
  #inline = new RangeSet();
  readonly #files: readonly ListFile[];

  constructor(
    private readonly option: string,
    private readonly entries: readonly string[],
    private readonly host: HostFunctions,
  ) {
    this.#files = entries.filter(isFile).map((entry) => new ListFile(option, entry.slice(1), host));
  }

  get isGiven(): boolean {
    return this.entries.length > 0;
  }

  async load(): Promise<void> {
    const inline = this.entries.filter((entry) => !isFile(entry)).map((text) => ({ text }));
    try {
      this.#inline = await parseList(inline, this.host.resolve);
    } catch (error) {
      throw error instanceof CoaxError ? error : new UsageError(this.option, reasonOf(error));
    }
    for (const file of this.#files) await file.load();
  }

  has(ip: Ip): boolean {
    return this.#inline.has(ip) || this.#files.some(({ ranges }) => ranges.has(ip));
  }
}

function isFile(entry: string): boolean {
  return entry.startsWith("@");
}

/** The reason to refuse a peer; undefined to admit it. */
type Admit = (peer: string) => string | undefined;

/**
 * Loads the lists of `--allow` and `--deny`. Always admits peers without an IP address: Unix
 * sockets have permissions instead. Rejects with a `UsageError`, or as `resolve` does.
 */
export async function openAccessControl(
  allow: readonly string[],
  deny: readonly string[],
  host: HostFunctions,
): Promise<Admit> {
  const allowed = new ListOption("--allow", allow, host);
  const denied = new ListOption("--deny", deny, host);
  await allowed.load();
  await denied.load();
  return (peer) => {
    const ip = ipOfPeer(peer);
    if (ip === undefined) return undefined;
    if (denied.has(ip)) return "--deny lists it";
    if (allowed.isGiven && !allowed.has(ip)) return "--allow doesn't list it";
    return undefined;
  };
}
