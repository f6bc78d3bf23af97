/** The short options for faults (`--delay`, `--rate`): toxics in both directions. */
import { STREAMS, type ToxicSpec } from "../faults/toxic.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { faultFlags, Limit } from "./options.ts";

type FaultOptions = OptionsOf<typeof faultFlags>;

/** What an option means in one direction: its faults bear the option's name. */
type Meaning = Pick<ToxicSpec, "type" | "attributes"> & { readonly kind: string };

/**
 * The toxics that the options stand for, in the order in which they act: loss, then the rate of
 * the line and its length, then how pieces arrive, then what ends them.
 */
export function toxicSpecsOf(options: FaultOptions): ToxicSpec[] {
  const short = STREAMS.flatMap((stream) =>
    meaningsOf(options).map((meaning) => ({
      ...meaning,
      stream,
      name: `${meaning.kind}_${stream}`,
      toxicity: 1,
    }))
  );
  return [short, options.toxic].flat();
}

function meaningsOf(options: FaultOptions): Meaning[] {
  const { drop, dup, reorder, rate, delay, jitter, chop } = options;
  const meanings: (Meaning | false)[] = [
    !!drop && { kind: "drop", type: "loss", attributes: { probability: drop } },
    !!dup && { kind: "dup", type: "duplicate", attributes: { probability: dup } },
    !!reorder && { kind: "reorder", type: "reorder", attributes: { window: reorder } },
    !!rate && { kind: "rate", type: "bandwidth", attributes: { rate: rate / 1000 } },
    (delay !== undefined || jitter !== undefined) && {
      kind: "delay",
      type: "latency",
      attributes: { latency: delay ?? 0, jitter: jitter ?? 0 },
    },
    !!chop && { kind: "chop", type: "chop", attributes: { size: chop } },
    ...endingsOf(options),
  ];
  return meanings.filter((meaning) => meaning !== false);
}

function endingsOf({ cutAfter, resetAfter, stallAfter }: FaultOptions): (Meaning | false)[] {
  const limit = (kind: string, limit: Limit, reset = {}): Meaning =>
    "bytes" in limit
      ? { kind, type: "limit_data", attributes: { ...limit, ...reset } }
      : { kind, type: "limit_time", attributes: { ...limit, ...reset } };
  return [
    !!cutAfter && limit("cut-after", cutAfter),
    !!resetAfter && limit("reset-after", resetAfter, { reset: true }),
    !!stallAfter && {
      kind: "stall-after",
      type: "stall",
      attributes: { bytes: 0, ...stallAfter },
    },
  ];
}
