/** What a handshake through `node:tls` can be told, in either way (`node.ts`). */
import type { Identity } from "../options.ts";

export interface NodeTlsOptions {
  /** The name for SNI, and for the check of the certificate. */
  readonly hostname: string;
  /** Authorities to trust beside the default ones, one PEM text each. */
  readonly caCerts: readonly string[];
  readonly alpn?: readonly string[];
  readonly clientCert?: Identity;
  /** If false, the certificate may be any. */
  readonly verify: boolean;
  /** Whether the certificate may be for another name. */
  readonly anyName?: boolean;
}
