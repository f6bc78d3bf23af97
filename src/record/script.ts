/** One side of a recorded connection as steps to play: what it sent, and what it waited for. */
import type { Message } from "../core/duplex.ts";
import { opposite, type RecordedEvent, type Side } from "./event.ts";
import { type Conversation, transportOf } from "./conversation.ts";

/** How a side ended its connection, beside a FIN. */
export interface End {
  /** The code of a WebSocket's Close (RFC 6455 §7.4). */
  readonly code?: number;
  /** Whether it was a reset. */
  readonly reset?: boolean;
}

/** One action of the played side. */
export interface Step {
  readonly kind: "send" | "half-close" | "close";
  /** What is sent; empty for a step that sends nothing. */
  readonly payload: Message;
  /** How a step of the kind `close` closes. */
  readonly end?: End;
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
  /** How the other side closed, where it was the first to and its peer can tell: not by a FIN. */
  readonly peerEnd?: End;
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

/** How the other side ended; undefined where `side` did, or where that shows as a FIN or not. */
function peerEndOf({ events }: Conversation, side: Side, isWs: boolean): End | undefined {
  const close = events.find(({ event }) => event === "close");
  if (close?.event !== "close" || isStepOf(close, side)) return undefined;
  const { code, reset } = close;
  if (isWs) return { code };
  const isStream = events.every(({ event }) => event !== "message");
  // Who has read EOF reads no more, and so sees no reset behind it.
  const hasEof = events.some((event) => event.event === "half-close" && event.dir !== side);
  return isStream && !hasEof && reset ? { reset } : undefined;
}

/** The script of `side` in a recorded connection. */
export function scriptFor(conversation: Conversation, side: Side): Script {
  const { id } = conversation;
  const events = conversation.events.filter(({ event }) => event !== "step");
  const isWs = transportOf(conversation) === "ws";
  const peerEnd = peerEndOf(conversation, side, isWs);
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
    const step = (kind: Step["kind"], payload = NOTHING, end?: End) =>
      steps.push({ kind, payload, end, at, received: total, receivedEof: expectsEof });
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
        if (ours) step("close", NOTHING, { code: event.code, reset: event.reset });
    }
  }
  expectsEof ||= isWs && peerEnd !== undefined;
  return { id, framing, steps, expected, total, expectsEof, peerEnd, longestPause };
}

/** The step in which the played side closes; undefined where the other side does. */
export function endStep({ steps }: Script): Step | undefined {
  return steps.find(({ kind }) => kind === "close");
}
