/// <reference lib="dom" />
/** A recording of a proxy that is made in the page, and saved as a file when it is stopped. */
import { concat } from "../../core/bytes.ts";
import type { Api } from "./api.ts";

/** A longer recording is stopped, bytes. */
const MAX_SIZE = 64 * 2 ** 20;
const NEWLINE = 10;

export class ProxyRecording {
  readonly #parts: Uint8Array[] = [];
  readonly #ending = new AbortController();
  #size = 0;

  /** @param changed Called when there is more of it. */
  constructor(private readonly proxy: string, private readonly changed: () => void) {}

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Records until it is stopped, full, or ended by the control, then saves what there is. Rejects
   * as a request does.
   */
  async run(api: Api): Promise<void> {
    const { signal } = this.#ending;
    try {
      await api.recordProxy(this.proxy, (bytes) => this.#take(bytes), signal);
    } catch (error) {
      if (!signal.aborted && this.#size === 0) throw error;
    }
    save(wholeLines(concat(this.#parts)), `${this.proxy.replace(/[^\w.-]+/g, "_")}.jsonl`);
  }

  stop(): void {
    this.#ending.abort();
  }

  #take(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    this.changed();
    if (this.#size >= MAX_SIZE) this.stop();
  }
}

/** What comes before a line that is cut off. */
function wholeLines(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.slice(0, bytes.lastIndexOf(NEWLINE) + 1);
}

function save(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
