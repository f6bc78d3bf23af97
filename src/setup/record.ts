/** `--record` for every command that has connections to record. */
import type { Log } from "../core/log.ts";
import type { Recorder } from "../record/recorder.ts";

interface Recordable {
  readonly options: { readonly record?: string; readonly force: boolean };
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
