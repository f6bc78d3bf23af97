/** An open file as a connection. */
import type { FileScheme } from "../../address/file_path.ts";
import type { Duplex } from "../../core/duplex.ts";
import { LocalError, ReaderGoneError } from "../../core/errors.ts";
import { broken } from "../failure.ts";
import { reasonOfSystem } from "../system_reason.ts";

/** What is done with an open file; `Deno.FsFile` is one. */
export interface Handle {
  read(buffer: Uint8Array): Promise<number | null>;
  /** Resolves with the number of bytes that were written, at least one. */
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

interface Traits {
  /** Whether it ends by itself, or with us; a device that answers does neither. */
  readonly halfClose?: boolean;
  /** The most bytes to read. */
  readonly limit?: number;
}

export class FileEnd implements Duplex {
  readonly framing = "stream";
  readonly own = true;
  readonly gathers = true;
  readonly peer: string;
  readonly halfClose: boolean;
  /** What is only read takes nothing from the start. */
  readonly readerGone: Promise<void> | undefined;
  readonly closed: Promise<Error | void>;
  readonly #closed = Promise.withResolvers<Error | void>();
  /** Resolves when nothing more is written. */
  readonly #written = Promise.withResolvers<void>();
  readonly #scheme: FileScheme;
  #left: number;
  #isClosed = false;
  #isReleased = false;
  #reason: Error | undefined;

  constructor(
    private readonly handle: Handle,
    { scheme, text }: { readonly scheme: FileScheme; readonly text: string },
    { halfClose = true, limit = Infinity }: Traits,
  ) {
    this.peer = text;
    this.#scheme = scheme;
    this.halfClose = halfClose;
    this.#left = limit;
    this.readerGone = scheme === "file+read" ? Promise.resolve() : undefined;
    this.closed = this.#closed.promise;
  }

  /** What is only appended to ends when the last byte is written. */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#scheme === "file+append") await this.#written.promise;
    else if (!this.#isClosed && this.#left > 0) {
      try {
        const count = await this.handle.read(buffer.subarray(0, this.#left));
        this.#left -= count ?? 0;
        if (!this.#isClosed) return count;
      } catch (error) {
        if (!this.#isClosed) throw this.#failed("read", error);
      }
    }
    if (this.#reason) throw this.#reason;
    return null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.readerGone) throw new ReaderGoneError(this.peer);
    try {
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray(await this.handle.write(rest));
      }
    } catch (error) {
      throw this.#reason ?? this.#failed("write", error);
    }
  }

  /** The error for what the system says; a FIFO's reader that has gone is a peer that has. */
  #failed(stage: string, error: unknown): Error {
    if ((error as { code?: string }).code === "EPIPE") return broken("send to", this.peer, error);
    return new LocalError(stage, this.peer, reasonOfSystem(error as Error), { cause: error });
  }

  /** Closes what is only appended to, which is the EOF that a FIFO's reader gets. */
  closeWrite(): Promise<void> {
    if (this.#scheme === "file+append") this.#release();
    this.#written.resolve();
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#release();
    this.#written.resolve();
    this.#closed.resolve(reason);
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.handle.close();
  }
}
