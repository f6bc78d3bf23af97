/** `--starttls`: speaks a protocol in the clear, up to where both sides go on with TLS. */
import type { Duplex } from "../../core/duplex.ts";
import { BrokenError, TimeoutError, TlsError } from "../../core/errors.ts";
import { escapeLine } from "../../core/escape.ts";
import type { Log } from "../../core/log.ts";
import { withTimeout } from "../../core/time.ts";
import { PROTOCOLS, type StartTlsProtocol } from "./starttls_protocols.ts";

/** Most bytes that a server may send before TLS. */
const LIMIT = 16 * 1024;
/** Longest part of a server's answer that is shown, characters. */
const SHOWN = 120;

/** The server's answers of one dialogue, read as far as the dialogue asks. */
export class ClearInput {
  #bytes = new Uint8Array();
  #total = 0;

  constructor(private readonly stream: Duplex) {}

  /** Bytes that were received and not taken. */
  get rest(): Uint8Array {
    return this.#bytes;
  }

  /** Takes the bytes before index `end(bytes)`, once that is one. */
  async take(end: (bytes: Uint8Array) => number | undefined): Promise<Uint8Array> {
    for (;;) {
      const at = end(this.#bytes);
      if (at !== undefined && at <= this.#bytes.length) {
        const taken = this.#bytes.subarray(0, at);
        this.#bytes = this.#bytes.slice(at);
        return taken;
      }
      await this.#receive();
    }
  }

  /** The next line, without its end. */
  async line(): Promise<string> {
    const bytes = await this.take((all) => {
      const at = all.indexOf(0x0a);
      return at < 0 ? undefined : at + 1;
    });
    return new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(1024);
    const count = await this.stream.read(buffer);
    if (count === null) throw new BrokenError("starttls", this.stream.peer, "unexpected end");
    this.#total += count;
    if (this.#total > LIMIT) throw new RefusedDialogue(`more than ${LIMIT} bytes before TLS`);
    const all = new Uint8Array(this.#bytes.length + count);
    all.set(this.#bytes);
    all.set(buffer.subarray(0, count), this.#bytes.length);
    this.#bytes = all;
  }
}

/** The server doesn't go on with TLS. */
export class RefusedDialogue extends Error {
  /** @param said What the server has said, if that explains it. */
  constructor(reason: string, said?: string) {
    super(said === undefined ? reason : `${reason}: ${escapeLine(said.slice(0, SHOWN))}`);
  }
}

interface StartTlsOptions {
  readonly protocol: StartTlsProtocol;
  /** The server's name, for protocols that say it. */
  readonly host: string;
  /** The address as the user wrote it. */
  readonly peer: string;
  /** For the whole dialogue, milliseconds. */
  readonly timeout: number | undefined;
  readonly log: Log;
}

/**
 * Has the server at the other end of `stream` start TLS, and leaves the stream where TLS begins.
 * Rejects with a `TlsError` where it doesn't want to, or has sent something behind its consent: in
 * the clear anybody may have put that there (CVE-2011-0411). The caller closes the stream then.
 */
export async function startTlsIn(stream: Duplex, options: StartTlsOptions): Promise<void> {
  const { protocol, host, peer, timeout, log } = options;
  const input = new ClearInput(stream);
  const say = (data: string | Uint8Array) =>
    stream.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
  log.debugging?.debug("starttls", `ask ${peer} for TLS, in ${protocol}'s words`, {
    address: peer,
  });
  try {
    await withTimeout(
      PROTOCOLS[protocol]({ input, say, host }),
      timeout,
      () => new TimeoutError("starttls", peer, `no answer for ${timeout! / 1000} s`),
    );
  } catch (error) {
    if (!(error instanceof RefusedDialogue)) throw error;
    throw new TlsError("starttls", peer, error.message);
  }
  if (input.rest.length === 0) return;
  throw new TlsError("starttls", peer, "it has sent more in the clear, behind its consent");
}
