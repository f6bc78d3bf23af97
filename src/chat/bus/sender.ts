/** Sends the outbox of a room to its stream, a batch at a time. */
import type { NatsSession } from "./nats_session.ts";
import type { Batch, Outbox } from "./outbox.ts";
import { encodeMessage } from "./wire.ts";

export class Sender {
  #session: NatsSession | undefined;
  #sending = false;

  /**
   * @param subject The NATS subject of the room's facts.
   * @param process This process's name on the bus.
   * @param reached Called whenever the stream has stored all that was sent so far.
   */
  constructor(
    private readonly outbox: Outbox,
    private readonly subject: string,
    private readonly process: string,
    private readonly reached: () => void,
  ) {}

  /** Sends in this session from now on, unacknowledged batches first. */
  start(session: NatsSession): void {
    this.#session = session;
    this.outbox.resetSent();
    this.flush();
  }

  /** Sends nothing until the next `start`: the session is over. */
  stop(): void {
    this.#session = undefined;
  }

  /** Sends what is queued, if there is a session. An error closes the session. */
  async flush(): Promise<void> {
    const session = this.#session;
    if (this.#sending || !session) return;
    this.#sending = true;
    try {
      if (this.outbox.empty) this.reached();
      for (let batch; session === this.#session && (batch = this.outbox.next());) {
        await this.#send(session, batch);
        if (session === this.#session) this.reached();
      }
    } catch (error) {
      await session.close(error as Error);
    }
    this.#sending = false;
    if (session !== this.#session) this.flush();
  }

  async #send(session: NatsSession, { entries }: Batch): Promise<void> {
    const { process, subject } = this;
    const first = entries[0]!.number;
    const facts = entries.map(({ fact }) => fact);
    const id = `${subject}.${process}.${first}`;
    await session.publish(subject, encodeMessage({ process, first, facts }), id);
  }
}
