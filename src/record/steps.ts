/** Steps of a connection's life as recordings have them, taken from the events of the log. */
import type { Event } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { Leg, SocketStep, TimedStep } from "./event.ts";

/** The steps by the name of their event, and how each is made of one. */
const STEPS: Readonly<Record<string, (event: Event) => SocketStep | undefined>> = {
  resolved: (event) => ({
    ...onTarget(event),
    address: textOf(event.host),
    text: textOf(event.ips),
  }),
  connect: onTarget,
  "connect-failed": (event) => ({ ...onTarget(event), text: event.error }),
  retry: (event) => ({ ...onTarget(event), text: event.error, seconds: secondsOf(event.seconds) }),
  spawn: onTarget,
  connected: (event) => ({ ...onTarget(event), address: textOf(event.target) }),
  accept: (event) => ({ step: event.event, leg: "client", address: event.address }),
  proxied: (event) => ({ step: event.event, leg: "client", text: textOf(event.source) }),
  handshake: handshakeStep,
  fault: faultStep,
};

/** Events of the log that end a connection which was never open. */
export const NEVER_OPEN: ReadonlySet<string> = new Set(["failed", "ended", "refused"]);

/**
 * The step that an event of the log tells of, with its secrets masked; undefined for any other
 * event.
 */
export function stepOf(event: Event): SocketStep | undefined {
  const step = Object.hasOwn(STEPS, event.event) ? STEPS[event.event]!(event) : undefined;
  if (!step) return undefined;
  const [address, text] = [step.address, step.text].map((one) => one && maskSecrets(one));
  return { ...step, address, text };
}

function onTarget({ event: step, address }: Event): SocketStep {
  return { step, leg: "target", address };
}

/** A TLS handshake, or one half of a WebSocket's. Those with an `address` are with a target. */
function handshakeStep(event: Event): SocketStep {
  const { address, request, response, protocol, seconds } = event;
  const leg: Leg = address === undefined ? "client" : "target";
  if (request !== undefined) return { step: "request", leg, address, text: textOf(request) };
  if (response !== undefined) return { step: "response", leg, address, text: textOf(response) };
  return { step: "tls", leg, address, text: textOf(protocol), seconds: secondsOf(seconds) };
}

/** Faults that every piece meets are logged as details but for the first, and are steps no more. */
function faultStep({ event: step, level, text }: Event): SocketStep | undefined {
  return level === "debug" ? undefined : { step, leg: "client", text };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Seconds, to the microsecond. */
function secondsOf(value: unknown): number | undefined {
  return typeof value === "number" ? Math.round(value * 1e6) / 1e6 : undefined;
}

/** Most connections whose steps are kept, and most steps of each. */
const MAX_CONNECTIONS = 1024;
const MAX_STEPS = 64;

/**
 * Steps that wait for their connection's next event: without one, a refused connection leaves no
 * recording. With many retries, the first steps are forgotten.
 */
export class PendingSteps {
  readonly #steps = new Map<number, TimedStep[]>();

  add(id: number, step: TimedStep): void {
    const steps = this.#steps.get(id) ?? [];
    this.#steps.set(id, steps);
    steps.push(step);
    if (steps.length > MAX_STEPS) steps.shift();
    if (this.#steps.size > MAX_CONNECTIONS) this.drop(this.#steps.keys().next().value!);
  }

  /** Forgets a connection's steps. */
  drop(id: number): void {
    this.#steps.delete(id);
  }

  /** A connection's steps, which are forgotten here. */
  take(id: number): TimedStep[] {
    const steps = this.#steps.get(id) ?? [];
    this.drop(id);
    return steps;
  }

  /** Those before a connection is open, but for what its opening tells anyway. */
  takeFirst(id: number): TimedStep[] {
    const steps = this.take(id).filter(({ step }) => step !== "connected");
    return steps.every(({ step }) => step === "accept") ? [] : steps;
  }
}
