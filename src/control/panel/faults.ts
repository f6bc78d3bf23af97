/** The types of toxics as the panel offers them: what can be set, and how far a slider goes. */
import type { Proxy, Stream, Toxic } from "./wire.ts";

export type Unit = "ms" | "us" | "kB/s" | "B" | "share" | "messages";

/** An attribute with a slider. */
export interface Knob {
  readonly name: string;
  readonly unit: Unit;
  /** Where the slider ends; a number that is typed may be greater. */
  readonly max: number;
  /** Its value when the fault is switched on. */
  readonly start: number;
}

export interface FaultType {
  readonly type: string;
  readonly knobs: readonly Knob[];
  /** What it acts on only. */
  readonly needs?: "bytes" | "messages";
}

const knob = (name: string, unit: Unit, max: number, start: number): Knob => ({
  name,
  unit,
  max,
  start,
});

/** The types, those that are needed most first. */
export const FAULTS: readonly FaultType[] = [
  { type: "latency", knobs: [knob("latency", "ms", 10_000, 200), knob("jitter", "ms", 10_000, 0)] },
  { type: "bandwidth", knobs: [knob("rate", "kB/s", 1_000_000, 100)] },
  { type: "timeout", knobs: [knob("timeout", "ms", 60_000, 0)] },
  { type: "reset_peer", knobs: [knob("timeout", "ms", 60_000, 0)] },
  {
    type: "slicer",
    knobs: [
      knob("average_size", "B", 65_536, 64),
      knob("size_variation", "B", 65_536, 32),
      knob("delay", "us", 1_000_000, 10_000),
    ],
    needs: "bytes",
  },
  { type: "slow_open", knobs: [knob("delay", "ms", 60_000, 1000)] },
  { type: "slow_close", knobs: [knob("delay", "ms", 60_000, 1000)] },
  { type: "limit_data", knobs: [knob("bytes", "B", 1_000_000_000, 100_000)] },
  { type: "limit_time", knobs: [knob("time", "ms", 600_000, 10_000)] },
  { type: "stall", knobs: [knob("bytes", "B", 1_000_000_000, 100_000)] },
  { type: "corrupt", knobs: [knob("probability", "share", 1, 0.01)] },
  { type: "chop", knobs: [knob("size", "B", 65_536, 16)], needs: "bytes" },
  { type: "loss", knobs: [knob("probability", "share", 1, 0.1)], needs: "messages" },
  { type: "duplicate", knobs: [knob("probability", "share", 1, 0.1)], needs: "messages" },
  { type: "reorder", knobs: [knob("window", "messages", 100, 4)], needs: "messages" },
];

/** The share of connections that a toxic acts on. */
export const TOXICITY: Knob = knob("toxicity", "share", 1, 1);

/** A type that the panel has no sliders for. */
export function faultOf(type: string): FaultType {
  return FAULTS.find((fault) => fault.type === type) ?? { type, knobs: [] };
}

/** The toxic that a switch makes. */
export function newToxic({ type, knobs }: FaultType, stream: Stream): Toxic {
  const attributes = Object.fromEntries(knobs.map(({ name, start }) => [name, start]));
  return { name: `${type}_${stream}`, type, stream, toxicity: 1, attributes };
}

/** Whether an address carries messages: what the control refuses needn't be offered. */
function carriesMessages(address: string): boolean {
  return /^(?:udp|unixgram|ws|wss|ws\+unix):/i.test(address);
}

/** Whether a fault can act on what is sent in that direction. */
export function canAct({ needs }: FaultType, stream: Stream, proxy: Proxy): boolean {
  if (!needs) return true;
  const sink = stream === "upstream" ? proxy.upstream : proxy.listen;
  return carriesMessages(sink) === (needs === "messages");
}

const MANTISSAS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const SCALES = new Map<Knob, readonly number[]>();

/** The values of a slider's places: 0, then round numbers, a few for each power of ten. */
export function scaleOf(knob: Knob): readonly number[] {
  let scale = SCALES.get(knob);
  if (!scale) SCALES.set(knob, scale = makeScale(knob));
  return scale;
}

function makeScale({ unit, max }: Knob): number[] {
  if (unit === "share") return Array.from({ length: 101 }, (_, i) => i / 100);
  const scale = [0];
  for (let power = 1; power <= max; power *= 10) {
    for (const mantissa of MANTISSAS) {
      const value = mantissa * power;
      if (Number.isInteger(value) && value < max) scale.push(value);
    }
  }
  return [...scale, max];
}

/** The place on its slider that is nearest to a value. */
export function placeOf(knob: Knob, value: number): number {
  const scale = scaleOf(knob);
  const above = scale.findIndex((one) => one >= value);
  if (above < 0) return scale.length - 1;
  return above > 0 && value - scale[above - 1]! < scale[above]! - value ? above - 1 : above;
}
