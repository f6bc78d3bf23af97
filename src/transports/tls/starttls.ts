/** `--starttls`: speaks a protocol in the clear, up to where both sides go on with TLS. */
import type { Duplex } from "../../core/duplex.ts";
import { TimeoutError, TlsError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { withTimeout } from "../../core/time.ts";
import { ClearInput, RefusedDialogue } from "./starttls_dialogue.ts";
import { PROTOCOLS, type StartTlsProtocol } from "./starttls_protocols.ts";

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
