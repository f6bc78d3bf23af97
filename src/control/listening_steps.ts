/** How each proxy came to listen: its sockets' steps, which come before any connection. */
import type { Event } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { SocketStep } from "../record/event.ts";

const STEPS: ReadonlySet<string> = new Set(["create", "bind", "listen"]);
/** Sockets of one proxy whose steps are kept; a name may stand for two addresses. */
const MAX_SOCKETS = 8;

export class ListeningSteps {
  /** The steps of each socket, by proxy. */
  readonly #sockets = new Map<string, SocketStep[][]>();

  /** Takes an event of the log, if it is one of those. */
  observe({ id, event: step, proxy, address = "" }: Event): void {
    if (id !== undefined || !STEPS.has(step) || typeof proxy !== "string") return;
    const sockets = this.#sockets.get(proxy) ?? [];
    this.#sockets.set(proxy, sockets);
    if (step === "create") sockets.push([]);
    sockets.at(-1)?.push({ step, leg: "client", address: maskSecrets(address) });
    if (sockets.length > MAX_SOCKETS) sockets.shift();
  }

  /** The steps of the socket that accepts at the address `local`, as far as that can be told. */
  of(proxy: string, local: string): readonly SocketStep[] {
    const sockets = this.#sockets.get(proxy) ?? [];
    const bare = bareAddress(local);
    const found = sockets.findLast((steps) =>
      steps.some(({ address = "" }) => bareAddress(address) === bare)
    );
    return found ?? sockets.at(-1) ?? [];
  }

  /** Forgets a proxy. */
  removed(proxy: string): void {
    this.#sockets.delete(proxy);
  }
}

function bareAddress(address: string): string {
  return address.replace(/^\w+:\/\//, "");
}
