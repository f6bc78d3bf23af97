/** Sends what a slider sets: at most one change of a toxic at once, and always the latest. */
import type { Toxic } from "./wire.ts";

export type Change = Partial<Pick<Toxic, "toxicity" | "attributes">>;

type Send = (proxy: string, toxic: string, change: Change) => Promise<void>;

export class Tuner {
  /** What was set and isn't known to have arrived, by proxy and toxic. */
  readonly #set = new Map<string, Change>();

  /** @param refresh Reads the toxics again after the last change. */
  constructor(private readonly send: Send, private readonly refresh: () => Promise<void>) {}

  /** The toxic as its sliders show it. */
  tuned(proxy: string, toxic: Toxic): Toxic {
    return merged(toxic, this.#set.get(keyOf(proxy, toxic.name)));
  }

  /** Resolves when this change, or a later one in its place, has arrived; rejects if it fails. */
  async tune(proxy: string, toxic: string, change: Change): Promise<void> {
    const key = keyOf(proxy, toxic);
    const before = this.#set.get(key);
    this.#set.set(key, merged(before ?? {}, change));
    if (before) return; // Whoever is sending it goes on with this one.
    try {
      let sent: Change;
      do {
        sent = this.#set.get(key)!;
        await this.send(proxy, toxic, sent);
      } while (this.#set.get(key) !== sent);
      await this.refresh();
    } finally {
      this.#set.delete(key);
    }
  }
}

function merged<T extends Change>(base: T, change: Change = {}): T {
  const attributes = { ...base.attributes, ...change.attributes };
  return { ...base, ...change, attributes };
}

function keyOf(proxy: string, toxic: string): string {
  return JSON.stringify([proxy, toxic]);
}
