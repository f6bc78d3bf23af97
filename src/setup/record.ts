/** `--record`, for every command with connections to record. */
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { observeFlags } from "../options/groups.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Right } from "../transports/rights.ts";

type RecordOptions = Pick<OptionsOf<typeof observeFlags>, "record" | "force">;

interface Recordable {
  readonly options: RecordOptions;
  readonly log: Log;
}

/**
 * A command's recorder, if `--record` asks for one. Opens the file at once, so that a failure shows
 * before the first connection: rejects with a `LocalError`.
 */
export async function openRecorder({ options, log }: Recordable): Promise<Recorder | undefined> {
  const { record, force } = options;
  if (record === undefined) return undefined;
  const { Recorder } = await import("../record/recorder.ts");
  return new Recorder(record, force, log);
}

/**
 * The log of a command, whose steps of connections are recorded if anything is.
 *
 * @param only The number of a command's only connection, which its events don't name.
 */
export function followed(log: Log, recorder: Recorder | undefined, only?: number): Log {
  return recorder?.follow(log, only) ?? log;
}

/** Rights that a recording needs until it is finished, when an empty one is removed. */
export function rightsToRecord({ record }: RecordOptions): Right[] {
  return record === undefined ? [] : ["read", "write"];
}
