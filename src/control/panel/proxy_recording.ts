/// <reference lib="dom" />
/** One recording of a proxy: made, kept, saved in two formats, and played. */
import { concat } from "../../core/bytes.ts";
import { parseEvents, type RecordedEvent } from "../../record/event.ts";
import { pcap } from "../../record/pcap.ts";
import type { Api } from "./api.ts";
import { ReplayRun } from "./replay_run.ts";

const NEWLINE = 10;
/** What the event of each connection's opening has; in a text, its quotes would be escaped. */
const OPEN = `"event":"open"`;

export class ProxyRecording {
  #parts: Uint8Array[] = [];
  readonly #ending = new AbortController();
  #size = 0;
  #connections = 0;
  #isOver = false;
  #replay: ReplayRun | undefined;

  /** @param changed Called when there is more of it. */
  constructor(readonly proxy: string, private readonly changed: () => void) {}

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether nothing more is recorded. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The number of connections, once it is over. */
  get connections(): number {
    return this.#connections;
  }

  /** How it is played, or was played at last. */
  get replay(): ReplayRun | undefined {
    return this.#replay;
  }

  /**
   * Records until it is stopped or ended by the control, and keeps what there is. Rejects as a
   * request does where nothing came.
   */
  async run(api: Api): Promise<void> {
    const { signal } = this.#ending;
    try {
      await api.recordProxy(this.proxy, (bytes) => this.#take(bytes), signal);
    } catch (error) {
      if (!signal.aborted && this.#size === 0) throw error;
    } finally {
      this.#end();
    }
  }

  stop(): void {
    this.#ending.abort();
  }

  saveJsonl(): void {
    save([this.#bytes], `${this.#name}.jsonl`, "application/jsonl");
  }

  savePcap(): void {
    const packets = [...pcap(this.#events())] as Uint8Array<ArrayBuffer>[];
    save(packets, `${this.#name}.pcap`, "application/vnd.tcpdump.pcap");
  }

  /** Plays it through its proxy. Resolves at the end; rejects as a request does. */
  async play(api: Api): Promise<void> {
    this.#replay?.cancel();
    const replay = new ReplayRun(this.#connections, this.changed);
    this.#replay = replay;
    await replay.run(api, this.proxy, this.#bytes);
  }

  get #bytes(): Uint8Array<ArrayBuffer> {
    return this.#parts[0] as Uint8Array<ArrayBuffer>;
  }

  /** A name for its file. */
  get #name(): string {
    return this.proxy.replace(/[^\w.-]+/g, "_");
  }

  #events(): RecordedEvent[] {
    const lines = new TextDecoder().decode(this.#bytes).split("\n");
    return lines.filter((line) => line !== "").flatMap(parseEvents)
      .filter(({ event }) => event !== "step");
  }

  #take(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    this.changed();
  }

  /** Keeps whole lines. */
  #end(): void {
    const bytes = concat(this.#parts);
    const whole = bytes.slice(0, bytes.lastIndexOf(NEWLINE) + 1);
    this.#parts = [whole];
    this.#size = whole.length;
    this.#connections = new TextDecoder().decode(whole).split(OPEN).length - 1;
    this.#isOver = true;
  }
}

function save(parts: Uint8Array<ArrayBuffer>[], name: string, type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
