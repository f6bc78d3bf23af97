/** `coax bench`: measures an echo, and everything on the way to it. */
import { type Address, parseAddress } from "../address/address.ts";
import { isFileScheme } from "../address/file_path.ts";
import { isWebSocket } from "../address/web.ts";
import type { Result } from "../bench/mod.ts";
import { type Meter, type Mode, MODES, type Settings } from "../bench/settings.ts";
import { onAbort } from "../core/abort.ts";
import { AddressError, ExpectationError, UsageError } from "../core/errors.ts";
import { LARGEST_DATAGRAM, LARGEST_UNIX_DATAGRAM } from "../core/limits.ts";
import { choice, defaultTo, group } from "../flags/flag.ts";
import { count, positiveDuration, size } from "../flags/kinds.ts";
import { outputIsTerminal, stdio } from "../transports/stdio.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "../setup/connect.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf } from "../options/needs.ts";
import { dialerFlags } from "../options/groups.ts";
import { observe } from "../setup/observe.ts";
import { TerminalLine } from "../talk/terminal_line.ts";

const flags = {
  ...group("Measuring", {
    mode: choice("throughput, latency or connection rate; without it, one after the other", MODES),
    duration: defaultTo(positiveDuration("how long each mode takes"), "5s"),
    connections: defaultTo(count("connections at the same time", 1), "1"),
    size: size("bytes of a write or message; without it, what fits the mode"),
  }),
  ...dialerFlags,
  ...generalFlags,
};

type BenchContext = Context<typeof flags>;
type Tools = typeof import("../bench/mod.ts");

/** Bytes of one write or message without `--size`, by mode. */
const SIZES = { stream: 64 * 1024, rtt: 64, connect: 64 };
/** Bytes of a datagram in the mode `stream` without `--size`. */
const DATAGRAM_SIZE = 1024;
/** The most bytes of one write, which is made in memory. */
const MAX_SIZE = 64 * 1024 * 1024;
/** Time without an answer after which there is no echo, milliseconds. */
const ANSWER_TIMEOUT = 5000;
/** Time between two updates of the progress line, milliseconds. */
const REFRESH = 200;
/** Columns where stdout is no terminal. */
const COLUMNS = 80;

export const bench = defineCommand({
  name: "bench",
  summary: "measure throughput, latency and connection rate against an echo",
  operands: "ADDRESS",
  examples: [
    ["coax bench 7007", "what `coax echo 7007` can do, 5 seconds for each mode"],
    ["coax bench host:7 --mode rtt --duration 1m", "latencies of a minute, with percentiles"],
    ["coax bench 7007 --connections 8 --log-format json", "8 at once, for a program to read"],
  ],
  flags,
  first: ["mode", "duration", "connections", "size", "logFormat", "via", "insecure", "verbose"],
  sides: (operands) => ({ from: [], to: operands.map(endpointOf) }),
  onSignal: "stop",
  async run(context) {
    const { operands, options } = context;
    const address = echoAddress(operands[0]!);
    checkSize(options, address);
    const tools = await import("../bench/mod.ts");
    const results: Result[] = [];
    for (const mode of options.mode ? [options.mode] : MODES) {
      const settings = settingsOf(mode, address, options);
      const result = await measureMode(tools, mode, address, settings, context);
      if (options.logFormat === "text") await print(tools.summary(result, settings, columns()));
      results.push(result);
    }
    if (options.logFormat === "json") await print([JSON.stringify(tools.summaryJson(results))]);

    // Reported after the results: numbers of a lossy transport matter even if some were lost.
    const problems = results.flatMap(({ mode, losses }) => {
      const problem = losses && tools.describeLosses(losses);
      return problem ? [`${mode}: ${problem}`] : [];
    });
    if (problems.length > 0) throw new ExpectationError("bench", address.text, problems.join("; "));
  },
});

async function measureMode(
  { measure, progressOf }: Tools,
  mode: Mode,
  address: Address,
  settings: Settings,
  { options, log, stop }: BenchContext,
): Promise<Result> {
  const meter: Meter = { count: 0 };
  const line = TerminalLine.of(options, log);
  const hide = line.refresh(progressOf(mode, meter, options.duration), REFRESH);
  const observed = { dump: false, idleTimeout: options.idleTimeout };
  const dial = async () => observe(await connect(address, options, log, stop), log, observed);
  using _ = onAbort(stop, hide);
  try {
    return await measure(mode, dial, settings, meter);
  } finally {
    hide();
  }
}

function settingsOf(mode: Mode, address: Address, options: BenchContext["options"]): Settings {
  const lossy = address.scheme === "udp";
  const size = options.size ?? (lossy && mode === "stream" ? DATAGRAM_SIZE : SIZES[mode]);
  const answerTimeout = Math.max(ANSWER_TIMEOUT, options.idleTimeout ?? 0);
  const { duration, connections } = options;
  return { duration, connections, size, lossy, answerTimeout };
}

function echoAddress(text: string): Address {
  const address = parseAddress(text);
  if (isFileScheme(address.scheme)) {
    throw new AddressError(text, "can't be measured: a file echoes nothing");
  }
  if (address.scheme !== "stdio") return address;
  throw new AddressError(text, "can't be measured: stdout is where the result goes");
}

/** The largest message of a transport that has a limit of its own, bytes. */
const LARGEST: Partial<Record<Address["scheme"], number>> = {
  udp: LARGEST_DATAGRAM,
  unixgram: LARGEST_UNIX_DATAGRAM,
};

function checkSize({ size, maxMessage }: BenchContext["options"], address: Address): void {
  const longest = isWebSocket(address) ? Math.min(maxMessage, MAX_SIZE) : MAX_SIZE;
  const largest = LARGEST[address.scheme] ?? longest;
  if (size === undefined || (size >= 1 && size <= largest)) return;
  throw new UsageError(`--size ${size}`, `expected 1 to ${largest} bytes`);
}

function columns(): number {
  return outputIsTerminal() && Deno.consoleSize().columns || COLUMNS;
}

async function print(lines: readonly string[]): Promise<void> {
  await stdio.write(new TextEncoder().encode(lines.map((line) => line + "\n").join("")));
}
