/** `coax relay`: carry every connection on one address to another. */
import { type Address, canListen, parseAddress } from "../address.ts";
import type { End } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { type Accepted, type Incoming, type Listener, serve } from "../core/serve.ts";
import { pairOf, splice } from "../core/splice.ts";
import { group, toggle } from "../flags/flag.ts";
import { isInteractive } from "../transports/stdio.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "./connecting.ts";
import { listenAll } from "./listening.ts";
import { connecting, general, listening, seeing } from "./options.ts";
import { recorded } from "./record.ts";
import { watch } from "./watch.ts";

const flags = {
  ...group("Relaying", { once: toggle("serve one connection, then end with its status") }),
  ...listening,
  ...connecting,
  ...seeing,
  ...general,
};

type RelayContext = Context<typeof flags>;

/** Connects to `to` for an end that is there already; if that fails, the end is let go of. */
async function connectFor(from: End, to: Address, context: RelayContext, child?: Child) {
  const { options, log, stop } = context;
  try {
    return await connect(to, options, log, stop, child);
  } catch (error) {
    from.close(error as Error);
    throw error;
  }
}

type Child = Parameters<typeof connect>[4];

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

export const relay = defineCommand({
  name: "relay",
  summary: "carry every connection on FROM to TO",
  operands: "FROM TO",
  examples: [
    ["coax relay 8080 host:80", "port 8080 of this machine leads to host:80"],
    ["coax relay unix:/tmp/x 5432", "a Unix socket leads to a TCP port"],
    ["coax relay 9000 exec:'cat -n'", "every connection talks to a command of its own"],
  ],
  flags,
  onSignal: "drain",
  run: recorded(async (context: RelayContext, recorder) => {
    const { operands, options, log, stop } = context;
    const [from, to] = operands.map(parseAddress) as [Address, Address];
    const until = from.scheme === "stdio" && isInteractive() ? "second" : "both";

    const handle = async ({ end, id, peer, local, log }: Accepted) => {
      const first = watch(end, log, options, recorder?.connection(end, id, "in"));
      const there = await connectFor(first, to, { ...context, log }, { peer, local, id });
      const second = watch(there, log, {});
      await splice(pairOf(first, second), until).catch((error) => {
        throw withoutReset(error);
      });
    };
    const many = canListen(from);
    const listeners = many
      ? await listenAll([from.text], options, log)
      : [single(await connect(from, options, log, stop))];
    await serve(listeners, handle, { ...options, once: options.once || !many, log, stop });
  }),
});
