/** A gate: lets others listen on ports of this machine, if they know the secret. */
import { Attempts } from "../access/attempts.ts";
import { onAbort } from "../core/abort.ts";
import type { Duplex } from "../core/duplex.ts";
import { deadline } from "../core/deadlines.ts";
import { BrokenError, DeniedError, LeftError, reasonOf, TimeoutError } from "../core/errors.ts";
import { closeGracefully } from "../core/graceful_close.ts";
import type { Listener } from "../core/listener.ts";
import type { Log } from "../core/log.ts";
import type { Accepted, ServeOptions } from "../core/serve.ts";
import { sleep, withTimeout } from "../core/time.ts";
import { invalid, Lines } from "../transports/gate/lines.ts";
import { asStream } from "../transports/gate/message_stream.ts";
import {
  type Claim,
  formatLine,
  type Hello,
  newNonce,
  parseLine,
  type Prover,
} from "../transports/gate/protocol.ts";
import { PortError } from "./ports.ts";
import { Visitors } from "./visitors.ts";

export interface GateSettings {
  readonly prover: Prover;
  /** The name of this machine that is shown to who listens; empty for that which it has used. */
  readonly publicHost: string;
  /** How many may listen at once. */
  readonly maxListeners: number;
  /** Time for all lines up to the proof, milliseconds. */
  readonly handshakeTimeout: number | undefined;
  /** Listens on a port, 0 for any. Rejects with a `PortError`. */
  bind(port: number, log: Log): Promise<Listener[]>;
  /** What options ask for around a visitor's connection. */
  observe(accepted: Accepted): Duplex;
  /** Options of serving the visitors of one port. */
  readonly serving: Omit<ServeOptions, "log">;
}

/** Pause before a wrong secret is answered, milliseconds. */
const WRONG_SECRET_PAUSE = 1000;
/** Time between two pings of who listens, and for the answer to each, milliseconds. */
const PING_INTERVAL = 8000;
const PONG_TIMEOUT = 16_000;
const WRONG = "the secret is wrong";
const TOO_MANY = "too many wrong secrets come from this address";

export class Gate {
  readonly #attempts = new Attempts();
  readonly #ports = new Set<Visitors>();
  /** How many listen, or are about to. */
  #listeners = 0;
  /** Ports whose visitors are still served. */
  readonly #serving = new Set<Promise<void>>();

  constructor(private readonly settings: GateSettings) {}

  /** Resolves once no visitor is left. */
  async over(): Promise<void> {
    while (this.#serving.size > 0) await Promise.all(this.#serving);
  }

  /** Serves one connection: of who listens, or of who takes a visitor. */
  async meet({ connection, peer, log, established = () => {} }: Accepted): Promise<void> {
    const lines = new Lines(asStream(connection));
    try {
      const work = await this.#prove(lines, peer, log);
      established();
      await work();
    } catch (error) {
      const isOver = error instanceof BrokenError || error instanceof LeftError;
      connection.close(isOver ? undefined : error as Error);
      throw error;
    }
    await closeGracefully(connection);
  }

  /** Hears what is wanted, and resolves with the work once the secret is proved. */
  async #prove(lines: Lines, peer: string, log: Log): Promise<() => Promise<void>> {
    const { handshakeTimeout: timeout } = this.settings;
    const late = () => new TimeoutError("handshake", peer, `no proof for ${timeout! / 1000} s`);
    const line = await withTimeout(lines.next(), timeout, late);
    if (line === null && !lines.hasMore) throw new LeftError("gate", peer, "left without a word");
    const hello = parseLine("hello", line ?? "");
    if (!hello) throw invalid(lines.stream);
    return "take" in hello
      ? await this.#take(hello, lines, peer)
      : await withTimeout(this.#ask(hello, lines, peer, log), timeout, late);
  }

  /**
   * A visitor's name is known to the one who listens alone, so proofs for others aren't looked at:
   * nothing is learned from them, and guesses from the same address hold up no visitor.
   */
  async #take(
    { take, nonce, proof }: Extract<Hello, { take: string }>,
    lines: Lines,
    peer: string,
  ): Promise<() => Promise<void>> {
    const { prover } = this.settings;
    const port = [...this.#ports].find((port) => port.awaits(take));
    if (port && !await prover.accepts(["take", nonce, take], proof)) {
      throw await refused(lines, peer, WRONG);
    }
    if (lines.hasMore) throw invalid(lines.stream);
    const claimed = port?.claim(take);
    if (!claimed) throw new BrokenError("gate", peer, "the visitor that it wants is gone");
    return async () => {
      await lines.stream.write(formatLine({ proof: await prover.prove(["taken", nonce, take]) }));
      await claimed(lines.stream);
    };
  }

  async #ask(
    { nonce }: Hello,
    lines: Lines,
    peer: string,
    log: Log,
  ): Promise<() => Promise<void>> {
    const challenge = newNonce();
    await lines.write({ nonce: challenge });
    const asked = parseLine("ask", await lines.next() ?? "");
    if (!asked) throw invalid(lines.stream);
    const claim: Claim = ["listen", nonce, challenge, asked.listen];
    const { prover } = this.settings;
    const isRight = await this.#attempts.judge(peer, () => prover.accepts(claim, asked.proof));
    if (!isRight) throw await refused(lines, peer, isRight === undefined ? TOO_MANY : WRONG);
    return async () => {
      const listeners = await this.#bind(asked.listen, lines, peer, log);
      if (!listeners) return;
      try {
        const port = portOf(listeners);
        const { publicHost: host } = this.settings;
        const proof = await prover.prove(["listening", nonce, challenge, port, host]);
        await this.#host(listeners, lines, { port, public: host, proof }, log);
      } finally {
        this.#listeners--;
      }
    };
  }

  /** Binds the port that is asked for and counts who listens there, or answers why not. */
  async #bind(
    port: number,
    lines: Lines,
    peer: string,
    log: Log,
  ): Promise<Listener[] | undefined> {
    const { maxListeners, bind } = this.settings;
    try {
      if (++this.#listeners > maxListeners) {
        throw new PortError(`${maxListeners} listen already (--max-listeners)`);
      }
      return await bind(port, log);
    } catch (error) {
      this.#listeners--;
      if (!(error instanceof PortError)) throw error;
      log.warn("gate-refused", `${peer} can't listen: ${error.message}`, { error: error.message });
      await lines.write({ error: printable(error.message) });
      return undefined;
    }
  }

  /** Announces visitors to who listens, until it leaves. */
  async #host(
    listeners: readonly Listener[],
    lines: Lines,
    answer: { readonly port: number; readonly public: string; readonly proof: string },
    log: Log,
  ): Promise<void> {
    const { observe, serving } = this.settings;
    const { stream } = lines;
    const visitors = new Visitors(
      listeners,
      (announcement) => void lines.write(announcement).catch(() => {}),
      observe,
    );
    this.#ports.add(visitors);
    for (const address of listeners.flatMap(({ addresses }) => addresses)) {
      log.info("gate-listening", `${stream.peer} listens on ${address}`, { address });
    }
    const served = visitors.serve({ ...serving, log: log.with({ id: undefined, peer: undefined }) })
      .catch((error) => log.error("failed", reasonOf(error), { error: reasonOf(error) }))
      .finally(() => this.#serving.delete(served));
    this.#serving.add(served);
    using _ = onAbort(serving.stop, () => stream.close());
    try {
      await lines.write(answer);
      await this.#hear(lines, visitors);
    } finally {
      visitors.close();
      this.#ports.delete(visitors);
      const { port } = answer;
      log.info("gate-left", `${stream.peer} doesn't listen on port ${port} any more`, { port });
    }
  }

  /** Hears who listens until its EOF. Rejects where it doesn't answer a ping in time. */
  async #hear(lines: Lines, visitors: Visitors): Promise<void> {
    const { stream } = lines;
    let cancel = () => {};
    const expectPong = () => {
      cancel();
      cancel = deadline(PONG_TIMEOUT, () => {
        const reason = `no answer for ${PONG_TIMEOUT / 1000} s`;
        stream.close(new TimeoutError("gate", stream.peer, reason));
      });
    };
    const pinging = setInterval(() => lines.write({ ping: true }).catch(() => {}), PING_INTERVAL);
    try {
      for (;;) {
        expectPong();
        const line = await lines.next();
        if (line === null) return;
        const reply = parseLine("reply", line);
        if (!reply) throw invalid(stream);
        if ("refuse" in reply) visitors.refuse(reply.refuse);
      }
    } finally {
      clearInterval(pinging);
      cancel();
    }
  }
}

/** Answers a proof that isn't taken, after a pause. */
async function refused(lines: Lines, peer: string, why: string): Promise<DeniedError> {
  await sleep(WRONG_SECRET_PAUSE);
  await lines.write({ error: why }).catch(() => {});
  return new DeniedError(peer, why);
}

/** The port that all listeners of an address have. */
function portOf(listeners: readonly Listener[]): number {
  return Number(/:(\d+)$/.exec(listeners[0]!.addresses[0]!)![1]);
}

/** A reason as a line of the protocol may have it. */
function printable(reason: string): string {
  return reason.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
