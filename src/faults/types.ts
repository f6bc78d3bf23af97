/** The types of toxics: what each does. */
import { Bandwidth } from "./bandwidth.ts";
import { Corrupt } from "./corrupt.ts";
import { Fault, type Place } from "./fault.ts";
import { Latency } from "./latency.ts";
import { LimitData, LimitTime } from "./limit.ts";
import { Duplicate, Loss } from "./loss.ts";
import { Reorder } from "./reorder.ts";
import { Chop, Slicer } from "./slicer.ts";
import { SlowClose, SlowOpen } from "./slow.ts";
import { Stall } from "./stall.ts";
import { ResetPeer, Timeout } from "./timeout.ts";
import type { ToxicType } from "./toxic.ts";

interface TypeOfToxic {
  // deno-lint-ignore no-explicit-any -- `attributesOf` sees that they are those of the type
  readonly Fault: new (place: Place<any>) => Fault<any>;
  /** Whether its faults happen to every piece: only the first is told at once. */
  readonly continual?: boolean;
}

export const TYPES: Readonly<Record<ToxicType, TypeOfToxic>> = {
  latency: { Fault: Latency, continual: true },
  bandwidth: { Fault: Bandwidth, continual: true },
  slow_close: { Fault: SlowClose },
  timeout: { Fault: Timeout, continual: true },
  reset_peer: { Fault: ResetPeer },
  slicer: { Fault: Slicer, continual: true },
  limit_data: { Fault: LimitData },
  noop: { Fault },
  slow_open: { Fault: SlowOpen },
  limit_time: { Fault: LimitTime },
  stall: { Fault: Stall },
  chop: { Fault: Chop, continual: true },
  corrupt: { Fault: Corrupt, continual: true },
  loss: { Fault: Loss },
  duplicate: { Fault: Duplicate },
  reorder: { Fault: Reorder },
};
