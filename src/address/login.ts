/** `user:password@` in URLs (RFC 3986 §3.2.1). */

export interface Login {
  readonly user: string;
  /** Undefined where no colon follows the user. */
  readonly password?: string;
}

/** Decodes the percent-encoded text before the `@`; undefined for an invalid encoding. */
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

/** Whether Basic authentication can carry a login: the first colon ends the user (RFC 7617 §2). */
export function fitsBasic({ user, password = "" }: Login): boolean {
  return !user.includes(":") && !/[\0-\x1f\x7f]/.test(user + password);
}

/** Masks all before the last `@`, so that no part of a password with an `@` is shown. */
export function maskLogin(url: string): string {
  return url.replace(/^([^:/]*:\/\/)?.*@/s, "$1***@");
}
