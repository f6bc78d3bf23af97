/** `coax replay`: plays a recording as the client or as the server, or exports it. */
import { type Address, parseAddress } from "../address/address.ts";
import {
  CoaxError,
  LocalError,
  LoggedError,
  MissingOperandError,
  reasonOf,
  UsageError,
} from "../core/errors.ts";
import type { Connection } from "../core/duplex.ts";
import { closeGracefully } from "../core/graceful_close.ts";
import type { Log } from "../core/log.ts";
import { type Accepted, serve } from "../core/serve.ts";
import { choice, custom, defaultTo, group, optional, toggle } from "../flags/flag.ts";
import { count, path, STANDARD_STREAM } from "../flags/kinds.ts";
import type { Need } from "../flags/need.ts";
import { needing } from "../flags/needs.ts";
import type { RecordedEvent } from "../record/event.ts";
import { DifferenceError } from "../record/check.ts";
import { writeFile } from "../record/file.ts";
import { pcap } from "../record/pcap.ts";
import type { Turns } from "../record/order.ts";
import { checkPlayable, parseSpeed, playClients, scriptsFor } from "../record/playback.ts";
import { play, type PlayOptions } from "../record/player.ts";
import { inputName, readCapture, readRecording } from "../record/reader.ts";
import { endStep, type Script } from "../record/script.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "../setup/connect.ts";
import { listenAll } from "../setup/listen.ts";
import { LANGUAGES } from "../ladder/words/mod.ts";
import { generalFlags } from "../options/general.ts";
import { anAddress, endpointOf } from "../options/needs.ts";
import { dialerFlags, listenerFlags } from "../options/groups.ts";
import { LOG_ONLY, observe } from "../setup/observe.ts";
import { serveOptions } from "../setup/serve.ts";

const DRAWN: Need = { ways: [{ beside: "draw" }, { beside: "svg" }] };
const WRITTEN: Need = { ways: [{ beside: "pcap" }, { beside: "svg" }] };

const flags = {
  ...group("Replaying", {
    ...needing(anAddress, {
      serve: toggle("listen at ADDRESS, and answer as the recorded server did"),
      check: toggle(
        "compare what is received; end with 9 at the first difference. What comes behind the " +
          "last recorded byte or message counts where the other side's end was recorded too, " +
          "never over UDP",
      ),
      speed: defaultTo(
        custom("divide the recorded times by this; max: wait for answers only", parseSpeed, {
          value: "N|max",
        }),
        "1",
      ),
    }),
    fromPcap: toggle("FILE is a capture of tcpdump or Wireshark: play its TCP and UDP connections"),
    pcap: path("write the recording as a capture for Wireshark (-: stdout); needs no ADDRESS", {
      value: "FILE",
      file: "written",
      orStream: true,
    }),
    draw: toggle("print each connection as a ladder diagram; -vv: with every read and write"),
    svg: optional(
      path("write the diagrams as a picture; without FILE to stdout", {
        value: "FILE",
        file: "written",
        orStream: true,
      }),
      STANDARD_STREAM,
    ),
    ...needing(DRAWN, {
      connection: count("draw the connection of this number alone", 1, { value: "ID" }),
      explain: toggle("say what each arrow of a diagram means, for who is learning"),
      lang: choice("the language of diagrams; by default that of LANG, or en", LANGUAGES),
    }),
    ...needing(WRITTEN, { force: toggle("overwrite the file of --pcap or --svg") }),
  }),
  ...listenerFlags,
  ...dialerFlags,
  ...generalFlags,
};

type ReplayContext = Context<typeof flags>;

/** Throws a `UsageError` where more than one thing would be printed. */
function checkStdout({ draw, svg, pcap }: ReplayContext["options"]): void {
  const all = {
    "--draw": draw,
    "--svg": svg === STANDARD_STREAM,
    "--pcap": pcap === STANDARD_STREAM,
  };
  const [first, ...others] = Object.entries(all).filter(([, isPrinted]) => isPrinted);
  if (others.length === 0) return;
  const reason = `needs a FILE beside ${first![0]}, which writes to stdout as well`;
  throw new UsageError(others[0]![0], reason);
}

function playOptions({ speed, check, idleTimeout }: ReplayContext["options"]): PlayOptions {
  return { speed, check, idleTimeout };
}

/** Plays connections, logs how each went, and keeps the first failure. */
class Playback {
  #failure: CoaxError | undefined;

  constructor(private readonly options: PlayOptions) {}

  /** Plays `script` on the connection of `open`. Logs a `CoaxError`, and rejects with any other. */
  async play(
    script: Script,
    open: () => Promise<Connection>,
    log: Log,
    turns?: Turns,
  ): Promise<void> {
    const { speed, check, idleTimeout } = this.options;
    try {
      const connection = observe(await open(), log, LOG_ONLY);
      const isPlain = endStep(script)?.end?.reset && !connection.showsReset;
      const { sent, received } = await play(
        connection,
        script,
        { speed, check, idleTimeout, turns },
      );
      const unit = script.framing === "message" ? "messages" : "bytes";
      const note = isPlain ? "; no reset can be sent there, the peer saw a plain end" : "";
      log.info(
        "replayed",
        `replayed connection ${script.id}: sent ${sent}, received ${received} ${unit}${note}`,
        { sent, received },
      );
    } catch (error) {
      if (!(error instanceof CoaxError)) throw error;
      if (error.status === 0) return log.debug("ended", reasonOf(error));
      if (error instanceof DifferenceError) {
        for (const line of error.dump) log.asked("dump", line);
      }
      const { status, address } = error;
      log.error("failed", reasonOf(error), { status, address, error: reasonOf(error) });
      this.#failure ??= error;
    }
  }

  /** Throws the first failure, if there was one. */
  throwFailure(): void {
    if (this.#failure) throw new LoggedError(this.#failure);
  }
}

/** Plays the clients against `address`. */
async function playAgainst(
  address: Address,
  events: readonly RecordedEvent[],
  { options, log, stop }: ReplayContext,
): Promise<void> {
  const playback = new Playback(playOptions(options));
  await playClients(events, {
    speed: options.speed,
    stop,
    connect: () => connect(address, options, log, stop),
    play: (script, open, turns) => playback.play(script, open, log.with({ id: script.id }), turns),
  });
  playback.throwFailure();
}

/** Answers as many connections as were recorded, then stops listening. */
async function playServer(
  address: Address,
  events: readonly RecordedEvent[],
  { options, log, stop }: ReplayContext,
): Promise<void> {
  const playback = new Playback(playOptions(options));
  const bound = await listenAll([address.text], options, log, stop);
  const scripts = [...scriptsFor(events, "out").values()];
  const done = new AbortController();
  let next = 0;
  let remaining = scripts.length;
  const handle = async ({ connection, peer, log }: Accepted) => {
    const script = scripts[next++];
    if (!script) {
      log.warn("surplus", `closed ${peer}: the recording has no more connections`, { peer });
      return await closeGracefully(connection);
    }
    await playback.play(script, () => Promise.resolve(connection), log);
    if (--remaining === 0) done.abort();
  };
  const stopped = AbortSignal.any([stop, done.signal]);
  await serve(bound.listeners, handle, serveOptions(options, bound, { log, stop: stopped }));
  playback.throwFailure();
}

export const replay = defineCommand({
  name: "replay",
  summary: "play a recording back as the client, or as the server, or draw it",
  operands: "FILE [ADDRESS]",
  examples: [
    ["coax replay bug.jsonl 9000 --check", "say what the clients said; is the answer the same?"],
    ["coax replay bug.jsonl --serve 9000", "answer as the recorded server did"],
    ["coax replay bug.jsonl --draw --explain", "what happened, as a diagram with explanations"],
    ["coax replay bug.jsonl --draw --connection 7", "one connection of many"],
    ["coax replay bug.jsonl --pcap bug.pcap", "a capture for Wireshark"],
    ["ssh host cat bug.jsonl | coax replay - --draw", "one that is elsewhere: - is stdin"],
    ["coax replay bug.pcapng --from-pcap 9000", "say what the clients in a capture said"],
  ],
  flags,
  first: ["serve", "check", "speed", "draw", "explain", "lang", "svg", "pcap", "force", "verbose"],
  sides([, ...operands], { serve }) {
    const places = operands.map(endpointOf);
    return serve ? { from: places, to: [] } : { from: [], to: places };
  },
  onSignal: "stop",
  async run(context) {
    const { operands: [file, target], options } = context;
    const { pcap: capture, draw, svg, force } = options;
    const { connection, explain, lang, color, verbose } = options;
    if (target === undefined && capture === undefined && !draw && svg === undefined) {
      throw new MissingOperandError("ADDRESS");
    }
    checkStdout(options);
    const address = target === undefined ? undefined : parseAddress(target);
    const name = inputName(file!);
    const all = options.fromPcap
      ? await readCapture(file!, context.log)
      : await readRecording(file!);
    const events = all.filter(({ event }) => event !== "step");
    const isPlayed = address !== undefined || capture !== undefined;
    if ((isPlayed ? events : all).length === 0) {
      throw new LocalError("read", name, "no connection was recorded");
    }
    if (address) checkPlayable(events, (reason) => new LocalError("play", name, reason));
    if (capture !== undefined) await writeFile(capture, force, pcap(events));
    if (draw || svg !== undefined) {
      const { drawRecording } = await import("../setup/draw.ts");
      const drawing = { draw, svg, connection, force, explain, lang, color, verbose };
      await drawRecording(name, all, drawing);
    }
    if (address) await (options.serve ? playServer : playAgainst)(address, events, context);
  },
});
