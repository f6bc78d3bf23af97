/** The login that a proxy server asks of its clients. */
import { createHash, timingSafeEqual } from "node:crypto";
import { fitsBasic } from "../address/login.ts";

/** Most bytes of a user and of a password (RFC 1929 §2). */
const LONGEST = 255;

/** Judges what a proxy's clients log in with. */
export interface LoginJudge {
  /** Whether the login of `peer` is right; that it is wrong is only known after a pause. */
  judge(peer: string, isRight: (login: ClientLogin) => boolean): Promise<boolean>;
}

export class ClientLogin {
  readonly #digest: Uint8Array;

  private constructor(login: string) {
    this.#digest = digestOf(login);
  }

  /** Parses `USER:PASSWORD`; undefined for what not every protocol can carry. */
  static parse(text: string): ClientLogin | undefined {
    const [, user, password] = /^([^:]+):(.+)$/s.exec(text) ?? [];
    if (user === undefined || password === undefined) return undefined;
    const fits = [user, password].every((part) => new TextEncoder().encode(part).length <= LONGEST);
    return fits && fitsBasic({ user, password }) ? new ClientLogin(text) : undefined;
  }

  /** Whether it is this login, found out in the same time whatever it is. */
  accepts(user: string, password: string): boolean {
    return timingSafeEqual(digestOf(`${user}:${password}`), this.#digest);
  }

  /** Whether `Proxy-Authorization` has it (RFC 9110 §11.7.2, RFC 7617 §2). */
  acceptsBasic(value: string | null): boolean {
    const [, encoded] = /^Basic +([\w+/=]+)$/i.exec(value ?? "") ?? [];
    let text: string;
    try {
      text = new TextDecoder().decode(Uint8Array.fromBase64(encoded ?? ""));
    } catch {
      return false;
    }
    const [, user = "", password = ""] = /^([^:]*):(.*)$/s.exec(text) ?? [];
    return this.accepts(user, password);
  }
}

/** Digests are of one length, and their comparison tells nothing about the login. */
function digestOf(login: string): Uint8Array {
  return createHash("sha256").update(login).digest();
}
