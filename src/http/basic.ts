/** Basic authentication (RFC 7617). */
import type { Login } from "../address/login.ts";

/** The value of `Authorization` or `Proxy-Authorization`: the login's UTF-8 bytes in base64. */
export function basic({ user, password = "" }: Login): string {
  return `Basic ${new TextEncoder().encode(`${user}:${password}`).toBase64()}`;
}
