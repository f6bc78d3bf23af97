/** `coax wait`: blocks until addresses accept connections, then runs a command. */
import { expandPorts } from "../address/port_range.ts";
import { onAbort, orAbort } from "../core/abort.ts";
import { atMost } from "../core/at_most.ts";
import { CoaxError, TimeoutError, UsageError } from "../core/errors.ts";
import { escapeJson, escapeLine } from "../core/escape.ts";
import { pauseBefore, sleep, withTimeout } from "../core/time.ts";
import { custom, defaultTo, group, moved, toggle, unlisted } from "../flags/flag.ts";
import { duration } from "../flags/kinds.ts";
import type { Endpoint } from "../flags/need.ts";
import { runInPlace } from "../transports/process/mod.ts";
import { print } from "../transports/stdio.ts";
import { type Context, defineCommand } from "./command.ts";
import {
  checkAvailable,
  parseSubject,
  requireWaitable,
  type Subject,
} from "../setup/availability.ts";
import { needing } from "../flags/needs.ts";
import { generalFlags } from "../options/general.ts";
import { dialerFlags, parseAttempts } from "../options/groups.ts";
import { pausing, repeating, tryingAgain } from "../options/needs.ts";
import { TerminalLine } from "../talk/terminal_line.ts";

const { connectTimeout, idleTimeout, retry: _retry, retryDelay: _delay, ...rest } = dialerFlags;
const { ping, pingTimeout, close, maxMessage, ...dialing } = rest;
const attempts = { connectTimeout, idleTimeout };
const forConversations = { ping, pingTimeout, close, maxMessage };

const flags = {
  ...group("Waiting", {
    timeout: duration("give up after this long; without it, never"),
    ...needing(pausing, {
      interval: defaultTo(
        duration("time between two attempts, and for an answer over UDP"),
        "250ms",
      ),
    }),
    once: toggle("try once, and end with the status of that; say which of several are open"),
    ...needing(tryingAgain, {
      retry: custom("try again this often, then end with the last status", parseAttempts, {
        value: "N|forever",
      }),
    }),
    ...needing([tryingAgain, repeating], {
      retryDelay: duration(
        "wait this long before the first retry, twice as long before the next …",
      ),
    }),
  }),
  ...dialing,
  ...unlisted(forConversations),
  ...generalFlags,
  // Each attempt is over soon: these mean little here.
  ...moved("Also taken, as by every command that connects", attempts),
};

/** Time between two updates of the progress line, milliseconds. */
const REFRESH = 200;

/** Attempts that go on at once: a range of ports may be a large one. */
const MOST_ATTEMPTS = 256;
/** Addresses that a message names, of all that are missing. */
const MOST_NAMED = 8;

/** What isn't there yet, with the reason. */
type Missing = Map<Subject, string>;
type Waiting = Pick<Context<typeof flags>, "options" | "log"> & {
  readonly missing: Missing;
  /** Starts an attempt when it is its turn. */
  readonly inTurn: ReturnType<typeof atMost>;
};

export const wait = defineCommand({
  name: "wait",
  summary: "block until the addresses accept connections, then run a command",
  operands: "ADDRESS... [-- COMMAND ARG...]",
  examples: [
    ["coax wait 5432 ws://8080/live", "until both can be connected to"],
    ["coax wait --timeout 30s db:5432 unix:/run/app -- ./serve", "both, then ./serve"],
    ["coax wait https://host/health", "until it answers with a status below 500"],
    ["coax wait --once host:20-30", "which of these ports are open?"],
  ],
  flags,
  first: [
    "timeout",
    "interval",
    "once",
    "ipv4",
    "ipv6",
    "via",
    "ca",
    "insecure",
    "quiet",
    "verbose",
  ],
  sides: (operands) => ({ from: [], to: operands.map(endpointOfSubject) }),
  onSignal: "own",
  async run(context) {
    const { operands, options, rest, log, stop } = context;
    const { timeout } = options;
    const subjects = operands.flatMap(expandPorts).map(parseSubject).map(requireWaitable);
    const missing: Missing = new Map(subjects.map((subject) => [subject, "no answer yet"]));
    const line = TerminalLine.of(options, log);
    const started = performance.now();
    const progress = () => progressText(missing, performance.now() - started);
    const hide = options.once ? () => {} : line.refresh(progress, REFRESH);
    using _ = onAbort(stop, hide);
    const done = new AbortController();
    const signal = AbortSignal.any([stop, done.signal]);
    const waiting = { missing, options, log, inTurn: atMost(MOST_ATTEMPTS) };
    const all: Promise<unknown> = options.once
      ? tryOnce(subjects, waiting, signal)
      : Promise.all(subjects.map((subject) => untilAvailable(subject, waiting, signal)));
    try {
      await withTimeout(
        orAbort(stop, all, () => stop.reason),
        timeout,
        () => timeoutError(missing, timeout!),
      );
    } finally {
      done.abort();
      hide();
    }
    if (rest.length > 0) return await runInPlace(rest, stop);
  },
});

/** Tries a subject until it is there, and removes it from `missing`. */
async function untilAvailable(
  subject: Subject,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<void> {
  const { missing, log } = waiting;
  const { text } = subject.address;
  const started = performance.now();
  const error = await tryRepeatedly(subject, waiting, signal);
  if (error) throw error;
  missing.delete(subject);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const says = subject.url ? "answers" : "accepts connections";
  log.debug("there", `${text} ${says}, after ${seconds} s`, { address: text });
}

/** Tries a subject as often as the options say. Resolves with the error of the last attempt. */
async function tryRepeatedly(
  subject: Subject,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<CoaxError | undefined> {
  const { once, interval, retry = once ? 0 : Infinity, retryDelay } = waiting.options;
  for (let retries = 0;; retries++) {
    const error = await attempt(subject, waiting);
    if (!error || isFinal(error) || retries >= retry) return error;
    waiting.missing.set(subject, reasonOf(error));
    await sleep(retryDelay === undefined ? interval : pauseBefore(retries, retryDelay), signal)
      .catch(() => {});
    if (signal.aborted) return error;
  }
}

/** Whether an error stays whatever is waited for: a wrong command line, or a fault of ours. */
function isFinal(error: CoaxError): boolean {
  return !(error instanceof CoaxError) || error instanceof UsageError;
}

/**
 * Tries all subjects once, or as `--retry` says, and prints a line about each where there are
 * several. Rejects with the error of the first that isn't there.
 */
async function tryOnce(
  subjects: readonly Subject[],
  waiting: Waiting,
  signal: AbortSignal,
): Promise<void> {
  const attempts = subjects.map((subject) => tryRepeatedly(subject, waiting, signal));
  let first: unknown;
  for (const [i, subject] of subjects.entries()) {
    const error = await attempts[i];
    if (error && isFinal(error)) throw error;
    waiting.missing.delete(subject);
    if (subjects.length > 1) await print(resultLine(subject, error, waiting.options));
    first ??= error;
  }
  if (first) throw first;
}

/** What the result is of one attempt, on stdout. */
function resultLine(
  { address: { text }, url }: Subject,
  error: CoaxError | undefined,
  { logFormat }: Waiting["options"],
): string {
  const open = error === undefined;
  if (logFormat === "json") {
    const why = error && { error: reasonOf(error), status: error.status };
    return escapeJson(JSON.stringify({ address: text, open, ...why })) + "\n";
  }
  const result = open ? `is ${url ? "up" : "open"}` : escapeLine(reasonOf(error));
  return `${text}${open ? " " : ": "}${result}\n`;
}

/** Makes one attempt, when it is its turn. Resolves with the error that it ended with. */
async function attempt(
  subject: Subject,
  { options, log, inTurn }: Waiting,
): Promise<CoaxError | undefined> {
  return await inTurn(() => checkAvailable(subject, options, log)).then(() => {}, (error) => error);
}

/** Why an address is missing; where the proxy failed, with the proxy's name. */
function reasonOf(error: CoaxError): string {
  return error.stage === "proxy" ? error.message : error.reason;
}

/** The endpoint of an operand: that of a range's first port. Throws an `AddressError`. */
function endpointOfSubject(text: string): Endpoint {
  return { kind: parseSubject(expandPorts(text)[0]!).address.scheme, text };
}

function timeoutError(missing: Missing, timeout: number): TimeoutError {
  const list = describe(missing);
  return new TimeoutError("wait", "", `still missing after ${timeout / 1000} s: ${list}`);
}

/** The progress line on a terminal. */
function progressText(missing: Missing, ms: number): string {
  return `waiting for ${describe(missing)}, ${Math.floor(ms / 1000)} s`;
}

function describe(missing: Missing): string {
  const named = [...missing].slice(0, MOST_NAMED)
    .map(([{ address }, reason]) => `${address.text} (${reason})`);
  const more = missing.size - named.length;
  return [...named, ...more > 0 ? [`${more} more`] : []].join(", ");
}
