/** `--config`: the proxies that a control begins with, as /populate takes them. */
import { UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { attributeNames, type ToxicSpec } from "../faults/mod.ts";
import { HttpError } from "../http/http_error.ts";
import { reasonOfSystem } from "../transports/system_reason.ts";
import { readWhole } from "../transports/fifo.ts";
import { PopulateError, type ProxyTable } from "./proxy_table.ts";
import { type ProxySpec, proxySpecsOf } from "./proxy_spec.ts";

/** Fields that toxiproxy writes or reads; any other is probably a mistake. */
const PROXY_FIELDS = ["name", "listen", "upstream", "enabled", "toxics", "Logger"];
const TOXIC_FIELDS = ["name", "type", "stream", "toxicity", "attributes"];

/**
 * Makes the proxies of a file, all or none. Rejects with a `UsageError` for a file that can't be
 * read or isn't right, and with the `CoaxError` of a proxy that can't be started.
 */
export async function populateFrom(path: string, table: ProxyTable, log: Log): Promise<void> {
  const subject = `--config ${path}`;
  const json = await readJson(subject, path);
  try {
    const specs = proxySpecsOf(json);
    refuseTwins(specs);
    warnOfUnknown(json as RawProxy[], specs, (text) => log.warn("ignored", `${subject}: ${text}`));
    await table.populate(specs);
  } catch (error) {
    const cause = error instanceof PopulateError ? error.cause : error;
    if (!(cause instanceof HttpError)) throw cause;
    throw new UsageError(subject, cause.message.replace(/^bad request body: /, ""));
  }
}

async function readJson(subject: string, path: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await readWhole(path);
  } catch (error) {
    throw new UsageError(subject, `can't be read: ${reasonOfSystem(error as Error)}`);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new UsageError(subject, `isn't JSON: ${(error as Error).message}`);
  }
}

function refuseTwins(specs: readonly ProxySpec[]): void {
  const names = specs.map(({ name }) => name);
  const twin = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twin >= 0) throw new HttpError(409, `${names[twin]} exists already at proxy ${twin + 1}`);
}

type RawToxic = Readonly<Record<string, unknown>>;
type RawProxy = Readonly<Record<string, unknown>> & { readonly toxics?: readonly RawToxic[] };

/** Names fields that nothing reads: they would look as if they did something. */
function warnOfUnknown(
  proxies: readonly RawProxy[],
  specs: readonly ProxySpec[],
  warn: (text: string) => void,
): void {
  const look = (where: string, object: object | null | undefined, known: readonly string[]) => {
    for (const name of Object.keys(object ?? {}).filter((name) => !known.includes(name))) {
      warn(`${where}: ${JSON.stringify(name)} is no field, and ignored`);
    }
  };
  for (const [i, { name, toxics }] of specs.entries()) {
    look(name, proxies[i], PROXY_FIELDS);
    toxics.forEach((toxic: ToxicSpec, at) => {
      const raw = proxies[i]!.toxics![at]!;
      look(`${name}, ${toxic.name}`, raw, TOXIC_FIELDS);
      const known = attributeNames(toxic.type);
      look(`${name}, attributes of ${toxic.name}`, raw.attributes as object, known);
    });
  }
}
