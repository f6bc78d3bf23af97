/** The toxics that a command line asks for. */
import type { Connection } from "../core/duplex.ts";
import { UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { faultLogger, lossLogger } from "../faults/log.ts";
import { type Stream, ToxicError, type ToxicSpec } from "../faults/toxic.ts";
import type { Toxics } from "../faults/toxics.ts";

/**
 * Toxics with these settings; undefined where there are none, so that no connection is wrapped.
 * Rejects with a `UsageError` where two have one name.
 */
export async function toxicsOf(
  specs: readonly ToxicSpec[],
  seed = Math.floor(Math.random() * 2 ** 31),
): Promise<Toxics | undefined> {
  if (specs.length === 0) return undefined;
  const { Toxics } = await import("../faults/toxics.ts");
  const toxics = new Toxics(seed);
  for (const spec of specs) {
    try {
      toxics.add(spec);
    } catch (error) {
      if (!(error instanceof ToxicError)) throw error;
      throw new UsageError("--toxic", `${error.message}: give it a name of its own (name=...)`);
    }
  }
  return toxics;
}

/** The same connection, with its toxics in what is sent to it; each fault is an event. */
export function withToxics(
  connection: Connection,
  toxics: Toxics | undefined,
  stream: Stream,
  { id, log }: { readonly id: number; readonly log: Log },
): Connection {
  if (!toxics) return connection;
  const lost = lossLogger(connection, log);
  return toxics.attach(connection, stream, { id, emit: faultLogger(log), lost });
}
