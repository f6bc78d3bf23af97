/** `user:password@` in URLs (RFC 3986 §3.2.1). */

export interface Login {
  readonly user: string;
  /** Undefined where no colon stands behind the user. */
  readonly password?: string;
}

/** Decodes what stands before the `@`, percent-encoded; undefined where the encoding is broken. */
export function parseLogin(text: string): Login | undefined {
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(text)!;
  try {
    return {
      user: decodeURIComponent(user!),
      password: password === undefined ? undefined : decodeURIComponent(password),
    };
  } catch {
    return undefined;
  }
}

/** Masks all to the last `@`: who forgets to encode a password shows no part of it. */
export function maskLogin(url: string): string {
  return url.replace(/^([^:/]*:\/\/)?.*@/s, "$1***@");
}
