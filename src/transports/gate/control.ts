/** The control connection of a listener at a gate. */
import type { Duplex } from "../../core/duplex.ts";
import { RefusedError, TimeoutError } from "../../core/errors.ts";
import { deadline } from "../../core/deadlines.ts";
import { withTimeout } from "../../core/time.ts";
import { invalid, Lines } from "./lines.ts";
import { type Announcement, newNonce, parseLine, type Prover } from "./protocol.ts";

/** Silence after which the gate counts as gone, milliseconds: it pings more often. */
const SILENCE = 25_000;

export class Control {
  #cancel = () => {};

  private constructor(
    private readonly lines: Lines,
    /** The port that is bound at the gate. */
    readonly port: number,
    /** The name that the gate goes by; empty where it says none. */
    readonly publicHost: string,
  ) {}

  /**
   * Proves the secret, has the gate prove it, and asks for a port. Rejects with a `RefusedError`
   * where one of these fails, and closes `stream` then.
   *
   * @param timeout For all of it, milliseconds.
   */
  static async ask(
    stream: Duplex,
    port: number,
    prover: Prover,
    text: string,
    timeout: number | undefined,
  ): Promise<Control> {
    try {
      return await withTimeout(
        Control.#ask(stream, port, prover, text),
        timeout,
        () => new TimeoutError("gate", text, `no answer for ${timeout! / 1000} s`),
      );
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  static async #ask(stream: Duplex, port: number, prover: Prover, text: string): Promise<Control> {
    const lines = new Lines(stream);
    const nonce = newNonce();
    await lines.write({ gate: 1, nonce });
    const challenge = parseLine("challenge", await lines.next() ?? "");
    if (!challenge) throw invalid(stream);
    const proof = await prover.prove(["listen", nonce, challenge.nonce, port]);
    await lines.write({ listen: port, proof });
    const answer = parseLine("answer", await lines.next() ?? "");
    if (!answer) throw invalid(stream);
    if ("error" in answer) throw new RefusedError("gate", text, answer.error);
    const { port: bound, public: host } = answer;
    const isKnown = await prover.accepts(
      ["listening", nonce, challenge.nonce, bound, host],
      answer.proof,
    );
    if (!isKnown) throw new RefusedError("gate", text, "it doesn't know the secret");
    return new Control(lines, bound, host);
  }

  /** What the gate announces next, or null at its end. Rejects when it is silent for too long. */
  async next(): Promise<Exclude<Announcement, { ping: true }> | null> {
    for (;;) {
      this.#expectLine();
      const line = await this.lines.next();
      if (line === null) return null;
      const announced = parseLine("announcement", line);
      if (!announced) throw invalid(this.lines.stream);
      if (!("ping" in announced)) return announced;
      this.#say({ pong: true });
    }
  }

  /** Lets the gate close a visitor: at once, or behind what we have sent to one that is taken. */
  refuse(visitor: string): void {
    this.#say({ refuse: visitor });
  }

  close(): void {
    this.#cancel();
    this.lines.stream.close();
  }

  /** A failure shows at the next read. */
  #say(line: object): void {
    this.lines.write(line).catch(() => {});
  }

  #expectLine(): void {
    this.#cancel();
    const { stream } = this.lines;
    this.#cancel = deadline(SILENCE, () => {
      stream.close(new TimeoutError("gate", stream.peer, `silent for ${SILENCE / 1000} s`));
    });
  }
}
