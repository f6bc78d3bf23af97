/** `coax relay`: carry every connection on one address to another. */
import { canListen, parseAddress } from "../address.ts";
import type { End } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Accepted, type Incoming, type Listener, serve } from "../core/serve.ts";
import { type Pair, splice } from "../core/splice.ts";
import { injectFaults, seeded } from "../faults/mod.ts";
import { proxyHeader } from "../proxy/proxy_protocol.ts";
import { isInteractive } from "../transports/stdio.ts";
import type { Charset } from "../wrap/coding.ts";
import { crlf } from "../wrap/crlf.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "./connecting.ts";
import { type Connect, destinationOf } from "./destination.ts";
import { listenAll } from "./listening.ts";
import { dialing, ending, faults, framing, general, relaying, seeing, serving } from "./options.ts";
import { charsetOf, lingering, pair, speakingUtf8 } from "./pairing.ts";
import { tlsForDialing } from "./tls.ts";
import { watch } from "./watch.ts";

const flags = {
  ...relaying,
  ...framing,
  ...ending,
  ...faults,
  ...serving,
  ...dialing,

  ...seeing,
  ...general,
};

type RelayOptions = Context<typeof flags>["options"];

export const relay = defineCommand({
  name: "relay",
  summary: "carry every connection on FROM to TO",
  operands: "FROM TO [TO...]",
  examples: [
    ["coax relay 8080 host:80", "port 8080 of this machine leads to host:80"],
    ["coax relay unix:/tmp/x 5432", "a Unix socket leads to a TCP port"],
    ["coax relay 9000 exec:'cat -n'", "every connection talks to a command of its own"],
    ["coax relay 8080 a:80 b:80 --balance least", "the one of both that has less to do"],
    ["coax relay 1080 socks5:", "a SOCKS5 proxy"],
    ["coax relay 9000 7007 --delay 100ms", "a long line, to test with"],
  ],
  flags,
  onSignal: "drain",
  async run(context) {
    const { operands, options, log, stop } = context;
    const from = parseAddress(operands[0]!);
    const destination = destinationOf(operands.slice(1), options);
    const charset = await charsetOf(options);
    const local = from.scheme === "stdio";
    const until = local && isInteractive() ? "second" : "both";

    const handle = async ({ end, id, peer, local: at, log }: Accepted) => {
      const first = watch(end, log, options);
      const particular = { child: { peer, local: at, id }, preface: header(options, peer, at) };
      const reach: Connect = (address, log, allow) =>
        connect(address, options, log, stop, { ...particular, allow });
      const [near, far] = await destination.open(first, reach, log).catch((error) => {
        first.close(error);
        throw error;
      });
      const ends = dress(near, watch(far, log, {}), { options, charset, local, id, log });
      await splice(ends, until).catch((error) => {
        throw withoutReset(error);
      });
    };
    // What is wrong with the options of TLS shows at once, not with the first connection.
    for (const to of destination.addresses) await tlsForDialing(to, options, log);
    const many = canListen(from);
    const listeners = many
      ? await listenAll([from.text], { ...options, proxyProtocol: expectsHeader(options) }, log)
      : [single(await connect(from, options, log, stop))];
    await serve(listeners, handle, { ...options, once: options.once || !many, log, stop });
  },
});

interface Dress {
  readonly options: RelayOptions;
  readonly charset: Charset | undefined;
  /** Whether the first end is our own stdin and stdout. */
  readonly local: boolean;
  readonly id: number;
  readonly log: Log;
}

/** Both ends as the options want them: from the wire inwards faults, ends, encodings, frames. */
function dress(first: End, second: End, { options, charset, local, id, log }: Dress): Pair {
  const { seed, linger } = options;
  const chance = seed ?? Math.floor(Math.random() * 2 ** 31);
  const tell = (kind: string, text: string) =>
    (CONTINUAL.has(kind) ? log.debug : log.info).call(log, "fault", text, { kind });
  // Each connection and direction has chances of its own, whatever the others do meanwhile.
  const back = injectFaults(first, options, seeded(chance + 2 * id), tell);
  const there = injectFaults(second, options, seeded(chance + 2 * id + 1), tell);
  const near = lingering(back, back.halfClose ? undefined : linger);
  const far = speakingUtf8(lingering(there, linger), charset, options);
  const typed = options.crlf && near.framing === "stream" ? crlf(near) : near;
  return pair(typed, far, options, local);
}

/** Faults that happen to every piece: told only where all steps are. */
const CONTINUAL: ReadonlySet<string> = new Set(["delay", "rate", "chop"]);

function expectsHeader({ proxyProtocol }: RelayOptions): boolean {
  return proxyProtocol.includes("in");
}

/** The PROXY header for TO, if one is wanted. */
function header({ proxyProtocol }: RelayOptions, peer: string, local: string) {
  const version = proxyProtocol.findLast((wanted) => wanted !== "in");
  return version ? proxyHeader(version, { source: peer, destination: local }) : undefined;
}

/** An end that is open already, as a listener whose only connection it is. */
function single(end: End): Listener {
  let only: Incoming | null = {
    peer: end.peer,
    local: end.peer,
    open: () => Promise.resolve(end),
    refuse: () => end.close(),
  };
  return {
    addresses: [],
    accept() {
      const next = only;
      only = null;
      return Promise.resolve(next);
    },
    close() {},
  };
}

/**
 * A reset that one leg met ends the other leg, but not as a reset: no release of the runtime so far
 * can send one on a `Deno.Conn`. The log has to say so.
 */
function withoutReset(error: unknown): unknown {
  if (!(error instanceof BrokenError)) return error;
  const reason = `${error.reason}; the other peer saw a plain end`;
  return new BrokenError(error.stage, error.address, reason, { cause: error });
}
