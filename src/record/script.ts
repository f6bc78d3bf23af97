/** One side of a recorded connection as steps to play: what it sent, and what it waited for. */
import type { Message } from "../core/duplex.ts";
import { opposite, type RecordedEvent, type Side } from "./event.ts";
import type { Conversation } from "./conversation.ts";

/** One action of the played side. */
export interface Step {
  readonly kind: "send" | "half-close" | "close";
  /** What is sent; empty for a step that sends nothing. */
  readonly payload: Message;
  /** The code of a WebSocket's Close (RFC 6455 §7.4). */
  readonly code?: number;
  /** Milliseconds since the connection was opened. */
  readonly at: number;
  /** Bytes of a stream, or messages, that the side had received by then. */
  readonly received: number;
  /** Whether the side had received EOF by then. */
  readonly receivedEof: boolean;
}

export interface Script {
  readonly id: number;
  /** Undefined where nothing was sent. */
  readonly framing?: "stream" | "message";
  readonly steps: readonly Step[];
  /** What the other side sent, in order. */
  readonly expected: readonly Message[];
  /** The length of `expected`, in bytes or messages. */
  readonly total: number;
  /** Whether the other side sent EOF. */
  readonly expectsEof: boolean;
  /** The longest time without an event, milliseconds. */
  readonly longestPause: number;
}

/** Whether an event is something that `side` did, beside receiving. */
export function isStepOf(event: RecordedEvent, side: Side): boolean {
  switch (event.event) {
    case "data":
    case "message":
    case "half-close":
      return event.dir === side;
    case "close":
      return event.dir !== opposite(side);
    default:
      return false;
  }
}

const NOTHING: Message = { data: new Uint8Array() };

/** The script of `side` in a recorded connection. */
export function scriptFor({ id, events: all }: Conversation, side: Side): Script {
  const events = all.filter(({ event }) => event !== "step");
  const steps: Step[] = [];
  const expected: Message[] = [];
  let framing: Script["framing"];
  let total = 0;
  let expectsEof = false;
  let [last, longestPause] = [0, 0];
  for (const event of events) {
    const at = Math.max(last, (event.t - events[0]!.t) * 1000);
    longestPause = Math.max(longestPause, at - last);
    last = at;
    const step = (kind: Step["kind"], payload = NOTHING, code?: number) =>
      steps.push({ kind, payload, code, at, received: total, receivedEof: expectsEof });
    const ours = isStepOf(event, side);
    switch (event.event) {
      case "data":
      case "message":
        framing ??= event.event === "data" ? "stream" : "message";
        if (ours) {
          step("send", event.payload);
        } else {
          expected.push(event.payload);
          total += framing === "stream" ? event.payload.data.length : 1;
        }
        break;
      case "half-close":
        if (ours) step("half-close");
        else expectsEof = true;
        break;
      case "close":
        if (ours) step("close", NOTHING, event.code);
    }
  }
  return { id, framing, steps, expected, total, expectsEof: expectsEof, longestPause };
}
