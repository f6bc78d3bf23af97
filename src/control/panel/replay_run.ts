/** A recording that is played through its proxy, and how its connections went. */
import type { Api } from "./api.ts";
import type { ReplayLine } from "./wire.ts";

/** A longer recording isn't taken by the control, bytes. */
export const MAX_REPLAYED = 2 ** 20;

export class ReplayRun {
  readonly #leaving = new AbortController();
  #played = 0;
  #different = 0;
  #first: ReplayLine | undefined;
  #isOver = false;
  #isWhole = false;

  /**
   * @param connections Those of the recording.
   * @param changed Called when there is more to show.
   */
  constructor(readonly connections: number, private readonly changed: () => void) {}

  /** Connections that are over. */
  get played(): number {
    return this.#played;
  }

  /** Connections that went otherwise than recorded. */
  get different(): number {
    return this.#different;
  }

  /** The first of them. */
  get first(): ReplayLine | undefined {
    return this.#first;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether all connections were played. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Resolves at its end; rejects as a request does, unless it was cancelled. */
  async run(api: Api, proxy: string, recording: Uint8Array<ArrayBuffer>): Promise<void> {
    const { signal } = this.#leaving;
    try {
      await api.replay(proxy, recording, (line) => this.take(line), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#isOver = true;
      this.changed();
    }
  }

  cancel(): void {
    this.#leaving.abort();
  }

  /** Takes a line of the control's answer. */
  take(line: ReplayLine): void {
    if (line.connection === undefined) this.#isWhole = true;
    else {
      this.#played++;
      if (line.error !== undefined) {
        this.#different++;
        this.#first ??= line;
      }
    }
    this.changed();
  }
}
