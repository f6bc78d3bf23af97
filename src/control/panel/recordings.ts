/// <reference lib="dom" />
/** The recordings of proxies that are made in the page, and those that are kept there. */
import type { Api } from "./api.ts";
import { ProxyRecording } from "./proxy_recording.ts";

/** The most that is kept of all recordings together, bytes. */
export const MAX_KEPT = 64 * 2 ** 20;

export class Recordings {
  /** In the order in which they were begun. */
  readonly #all = new Map<string, ProxyRecording>();

  /** @param changed Called when there is more to show. */
  constructor(private readonly changed: () => void) {}

  /** The latest recording of a proxy. */
  of(proxy: string): ProxyRecording | undefined {
    return this.#all.get(proxy);
  }

  /** Begins a recording in place of the latest. Resolves at its end; rejects as a request does. */
  async begin(proxy: string, api: Api): Promise<void> {
    this.discard(proxy);
    const recording = new ProxyRecording(proxy, () => this.#grown());
    this.#all.set(proxy, recording);
    try {
      await recording.run(api);
    } catch (error) {
      if (this.of(proxy) === recording) this.discard(proxy);
      throw error;
    } finally {
      this.changed();
    }
  }

  /** Ends a proxy's recording, and forgets it. */
  discard(proxy: string): void {
    const recording = this.of(proxy);
    this.#all.delete(proxy);
    recording?.stop();
    recording?.replay?.cancel();
    this.changed();
  }

  /** Makes room: the oldest that is over goes first, and then the longest stops. */
  #grown(): void {
    const sizeOfAll = () => [...this.#all.values()].reduce((sum, { size }) => sum + size, 0);
    while (sizeOfAll() > MAX_KEPT) {
      const over = [...this.#all].find(([, { isOver }]) => isOver)?.[0];
      if (over === undefined) {
        const longest = [...this.#all.values()].sort((a, b) => b.size - a.size)[0]!;
        longest.stop();
        break;
      }
      this.discard(over);
    }
    this.changed();
  }
}
