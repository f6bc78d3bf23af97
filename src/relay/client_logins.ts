/** The logins of one proxy's clients. */
import { Attempts } from "../access/attempts.ts";
import { sleep } from "../core/time.ts";
import type { ClientLogin, LoginJudge } from "../proxy/client_login.ts";

/** Pause before a wrong login is answered, milliseconds. */
const WRONG_LOGIN_PAUSE = 1000;

/** Slows guesses down, on each connection and for each host. */
export class ClientLogins implements LoginJudge {
  readonly #attempts = new Attempts();

  constructor(private readonly login: ClientLogin) {}

  async judge(peer: string, isRight: (login: ClientLogin) => boolean): Promise<boolean> {
    const right = await this.#attempts.judge(peer, () => isRight(this.login)) ?? false;
    if (!right) await sleep(WRONG_LOGIN_PAUSE);
    return right;
  }
}
