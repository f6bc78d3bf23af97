/** Looks again at a server that was refused, to say what is there. */
import { type CoaxError, TlsError } from "../../core/errors.ts";
import { SAID_LIMIT, whatItSaid } from "../../core/said.ts";
import { type ClientConfig, type HandshakeOptions, SERVER_GONE } from "./handshake.ts";
import { probe } from "./probe.ts";
import { NO_TLS, PIN_FORM } from "./reason.ts";

/** Time for the second look, milliseconds: a server that serves one client won't answer. */
export const LOOK = 2000;

interface Refused extends HandshakeOptions {
  readonly client: ClientConfig;
  /** The address without TLS. */
  readonly plain: string;
}

/**
 * The same error with what a second connection tells: the pin of a certificate that nobody vouches
 * for, or what a peer says that doesn't speak TLS. Without an answer it is the error itself.
 */
export async function examined(
  error: unknown,
  connect: () => Promise<Deno.TcpConn>,
  options: Refused,
): Promise<unknown> {
  if (!(error instanceof TlsError)) return error;
  if (error.reason === SERVER_GONE) {
    return withReason(error, `${SERVER_GONE} Without TLS the address is ${options.plain}`);
  }
  const isPlain = error.reason === NO_TLS;
  if (!isPlain && !error.reason.includes(PIN_FORM)) return error;
  const said: number[] = [];
  const keep = (bytes: Uint8Array) => said.push(...bytes.subarray(0, SAID_LIMIT - said.length));
  const looking = { ...options, timeout: LOOK, onReceived: keep };
  const certificate = await connect().then((tcp) => probe(tcp, looking)).catch(() => undefined);
  if (!isPlain) {
    if (!certificate) return error;
    return withReason(error, error.reason.replace(PIN_FORM, `sha256:${certificate.pin}`));
  }
  const what = said.length > 0 ? `${whatItSaid(Uint8Array.from(said))}; ` : "";
  return withReason(error, `${NO_TLS}; ${what}without TLS the address is ${options.plain}`);
}

function withReason({ stage, address, cause }: CoaxError, reason: string): TlsError {
  return new TlsError(stage, address, reason, { cause });
}
