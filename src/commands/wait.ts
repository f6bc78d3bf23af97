/** `coax wait`: blocks until addresses accept connections, then runs a command. */
import { type Address, canListen, parseAddress } from "../address/address.ts";
import { onAbort, orAbort } from "../core/abort.ts";
import type { Channel } from "../core/duplex.ts";
import { AddressError, CoaxError, TimeoutError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { sleep, withTimeout } from "../core/time.ts";
import { defaultTo, duration, group, moved, unlisted } from "../flags/flag.ts";
import { runInPlace } from "../transports/process/mod.ts";
import { type Context, defineCommand } from "./command.ts";
import { connectOnce } from "../setup/connect.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf } from "../options/needs.ts";
import { dialerFlags } from "../options/groups.ts";
import { TerminalLine } from "../talk/terminal_line.ts";

const { connectTimeout, idleTimeout, retry, retryDelay, ...rest } = dialerFlags;
const { ping, pingTimeout, close, maxMessage, ...dialing } = rest;
const attempts = { connectTimeout, idleTimeout, retry, retryDelay };
const forConversations = { ping, pingTimeout, close, maxMessage };

const flags = {
  ...group("Waiting", {
    timeout: duration("give up after this long; without it, never"),
    interval: defaultTo(
      duration("time between two attempts, and for an answer over UDP"),
      "250ms",
    ),
  }),
  ...dialing,
  ...unlisted(forConversations),
  ...generalFlags,
  // Each attempt is over soon, and `--interval` is the time between two: these mean little here.
  ...moved("Also taken, as by every command that connects", attempts),
};

/** Time between two updates of the progress line, milliseconds. */
const REFRESH = 200;

/** Addresses that don't accept connections yet, with the reason. */
type Missing = Map<Address, string>;

export const wait = defineCommand({
  name: "wait",
  summary: "block until the addresses accept connections, then run a command",
  operands: "ADDRESS... [-- COMMAND ARG...]",
  examples: [
    ["coax wait 5432 ws://8080/live", "until both can be connected to"],
    ["coax wait --timeout 30s db:5432 unix:/run/app -- ./serve", "both, then ./serve"],
  ],
  flags,
  first: ["timeout", "interval", "ipv4", "ipv6", "via", "ca", "insecure", "quiet", "verbose"],
  sides: (operands) => ({ from: [], to: operands.map(endpointOf) }),
  onSignal: "own",
  async run(context) {
    const { operands, options, rest, log, stop } = context;
    const { timeout } = options;
    const missing: Missing = new Map(
      operands.map((text) => [requireWaitable(parseAddress(text)), "no answer yet"]),
    );
    const line = TerminalLine.of(options, log);
    const started = performance.now();
    const hide = line.refresh(() => progressText(missing, performance.now() - started), REFRESH);
    using _ = onAbort(stop, hide);
    const done = new AbortController();
    const signal = AbortSignal.any([stop, done.signal]);
    const all = Promise.all([...missing.keys()].map((address) => {
      return untilListening(address, missing, { options, log }, signal);
    }));
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

/** Tries `address` until it accepts a connection, and removes it from `missing`. */
async function untilListening(
  address: Address,
  missing: Missing,
  { options, log }: Pick<Context<typeof flags>, "options" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  while (!signal.aborted) {
    try {
      await attempt(address, options, log);
      missing.delete(address);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      log.debug("there", `${address.text} accepts connections, after ${seconds} s`, {
        address: address.text,
      });
      return;
    } catch (error) {
      // Waiting can't correct a wrong command line.
      if (!(error instanceof CoaxError) || error instanceof UsageError) throw error;
      missing.set(address, reasonOf(error));
    }
    await sleep(options.interval, signal).catch(() => {});
  }
}

/** Why an address is missing; where the proxy failed, with the proxy's name. */
function reasonOf(error: CoaxError): string {
  return error.stage === "proxy" ? error.message : error.reason;
}

/** Connects and closes. Over UDP, where connecting proves nothing, waits for an answer too. */
async function attempt(
  address: Address,
  options: Context<typeof flags>["options"],
  log: Log,
): Promise<void> {
  const connection = await connectOnce(address, options, log);
  try {
    if (address.scheme === "udp") {
      await receiveAnswer(connection as Channel, address, options.interval);
    }
  } finally {
    connection.close();
    await connection.closed;
  }
}

/** Sends an empty datagram and waits for any datagram. */
async function receiveAnswer(connection: Channel, { text }: Address, ms: number): Promise<void> {
  await connection.send({ data: new Uint8Array() });
  await withTimeout(
    connection.receive(),
    ms,
    () => new TimeoutError("receive", text, "no answer"),
  );
}

function requireWaitable(address: Address): Address {
  if (canListen(address)) return address;
  throw new AddressError(address.text, "can't be waited for: nothing ever listens there");
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
  return [...missing].map(([{ text }, reason]) => `${text} (${reason})`).join(", ");
}
