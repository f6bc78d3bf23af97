/** `--record` for every command that has connections to record. */
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { seeing } from "../options/groups.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Right } from "../transports/rights.ts";

type RecordOptions = Pick<OptionsOf<typeof seeing>, "record" | "force">;

interface Recordable {
  readonly options: RecordOptions;
  readonly log: Log;
}

/**
 * A command's `run` that gets a recorder too, if `--record` asks for one. The file is there before
 * anything else happens, so that one that can't be had is known at once; a recording that was cut
 * short doesn't disturb the command, and is told by its status at the end.
 */
export function recorded<C extends Recordable>(
  run: (context: C, recorder?: Recorder) => Promise<void>,
): (context: C) => Promise<void> {
  return async (context) => {
    const { options: { record, force }, log } = context;
    if (record === undefined) return await run(context);
    const { Recorder } = await import("../record/recorder.ts");
    const recorder = new Recorder(record, force, log);
    try {
      await run(context, recorder);
    } finally {
      await recorder.end();
    }
    recorder.throwIfCut();
  };
}

/** The rights that a recording takes to its end: an empty one is removed then. */
export function rightsToRecord({ record }: RecordOptions): Right[] {
  return record === undefined ? [] : ["read", "write"];
}
