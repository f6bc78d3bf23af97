/**
 * Listening on a port of the machine where a gate runs. One control connection announces visitors,
 * each of which is taken over a connection of its own. So each has the back-pressure, half-close
 * and reset of any relayed connection, and none holds up another.
 */
import { type Address, ANY, formatHostPort, type GateScheme } from "../../address/address.ts";
import { LOOPBACK } from "../../address/ip.ts";
import { onAbort } from "../../core/abort.ts";
import type { Duplex } from "../../core/duplex.ts";
import { AddressError, reasonOf, UnavailableError } from "../../core/errors.ts";
import type { Incoming, Listener } from "../../core/listener.ts";
import type { Log } from "../../core/log.ts";
import { Notifier } from "../../core/notifier.ts";
import { pauseBefore, sleep } from "../../core/time.ts";
import { DuplexWrapper } from "../../wrap/wrapper.ts";
import type { GateOptions, ListenOptions } from "../options.ts";
import { dialTcp } from "../tcp.ts";
import { dialTls } from "../tls/mod.ts";
import { Control } from "./control.ts";
import { asStream } from "./message_stream.ts";
import { Prover } from "./protocol.ts";
import { takeVisitor } from "./take.ts";

type GateAddress = Extract<Address, { scheme: GateScheme }>;

/** About the delay before a lost gate is tried again for the first time, milliseconds. */
const FIRST_DELAY = 200;
/** Visitors that wait to be accepted; the gate lets no more wait. */
const MAX_WAITING = 128;

/**
 * Listens at a gate. Rejects with an `AddressError` without a secret, with a `RefusedError` where
 * the secret is wrong or the gate refuses the port, or as `dial` does.
 */
export async function listenGate(address: GateAddress, options: ListenOptions): Promise<Listener> {
  const { gate, log } = options;
  if (!gate) throw new AddressError(address.text, "needs --secret TEXT or --secret @FILE");
  const site = new GateSite(address, gate, await Prover.with(gate.secret));
  if (address.scheme === "gate" || address.scheme === "gate+ws") {
    log.warn("clear", `bytes cross in the clear on the way to ${address.text}: ${SAFER}`);
  }
  const control = await site.open(address.asked, log);
  return new GateListener(site, control, log);
}

const SAFER = "gate+tls:// and gate+wss:// encrypt them";

/** Where a gate is, and how to reach it. */
class GateSite {
  constructor(
    readonly address: GateAddress,
    private readonly options: GateOptions,
    private readonly prover: Prover,
  ) {}

  /** Asks the gate for a port; 0 for any. */
  async open(port: number, log: Log, signal?: AbortSignal): Promise<Control> {
    const stream = await this.#dial(log, signal);
    const { connectTimeout } = this.options.dial;
    return await Control.ask(stream, port, this.prover, this.address.text, connectTimeout);
  }

  /** Takes a visitor that the gate has announced. */
  async take(visitor: string, log: Log, signal: AbortSignal): Promise<Duplex> {
    const stream = await this.#dial(log, signal);
    using _ = onAbort(signal, () => stream.close());
    return await takeVisitor(stream, visitor, this.prover, this.options.dial.connectTimeout);
  }

  async #dial(log: Log, signal: AbortSignal | undefined): Promise<Duplex> {
    const { text, host, port, scheme } = this.address;
    const options = { ...this.options.dial, log, signal };
    switch (scheme) {
      case "gate":
        return await dialTcp({ host, port, text }, options);
      case "gate+tls":
        return await dialTls({ scheme: "tls", host, port, text }, options);
      case "gate+ws":
      case "gate+wss": {
        const { dialWs } = await import("../ws.ts");
        const ws = scheme === "gate+ws" ? "ws" : "wss";
        return asStream(await dialWs({ scheme: ws, host, port, text }, options));
      }
    }
  }
}

/** A visitor, under its own address. */
class Visitor extends DuplexWrapper {
  #hasEnded = false;

  /** @param leave Has the gate close a visitor that goes on when we have closed it. */
  constructor(inner: Duplex, private readonly visitor: string, private readonly leave: () => void) {
    super(inner);
  }

  override get peer(): string {
    return this.visitor;
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.inner.read(buffer);
    if (count === null) this.#hasEnded = true;
    return count;
  }

  override close(reason?: Error): void {
    if (!this.#hasEnded) this.leave();
    this.#hasEnded = true;
    super.close(reason);
  }
}

class GateListener implements Listener {
  readonly addresses: readonly string[];
  readonly #waiting = new Map<string, Incoming>();
  readonly #change = new Notifier();
  readonly #closing = new AbortController();

  constructor(
    private readonly site: GateSite,
    private control: Control,
    private readonly log: Log,
  ) {
    this.addresses = [shown(site.address, control)];
    this.#follow();
  }

  async accept(): Promise<Incoming | null> {
    for (;;) {
      if (this.#closing.signal.aborted) return null;
      for (const [id, incoming] of this.#waiting) {
        this.#waiting.delete(id);
        return incoming;
      }
      await this.#change.wait();
    }
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.control.close();
    this.#waiting.clear();
    this.#change.notify();
  }

  /** Follows the control connection, and opens another one whenever it is lost. */
  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    const { text } = this.site.address;
    while (!signal.aborted) {
      const why = await this.#announcements();
      if (signal.aborted) return;
      // Those that were waiting at the gate are gone with it.
      this.#waiting.clear();
      const lost = `${text}: ${why}; trying again, open connections go on`;
      this.log.warn("gate-lost", lost, { address: text, error: why });
      await this.#reopen();
    }
  }

  /** Takes announcements until the gate is gone. Resolves with how it went. */
  async #announcements(): Promise<string> {
    const { control } = this;
    try {
      for (;;) {
        const announced = await control.next();
        if (!announced) return "the gate has ended";
        if ("visitor" in announced) this.#arrived(control, announced);
        else this.#waiting.delete(announced.gone);
      }
    } catch (error) {
      return reasonOf(error);
    } finally {
      control.close();
    }
  }

  #arrived(
    control: Control,
    { visitor, peer, local }: { visitor: string; peer: string; local: string },
  ) {
    const refuse = () => control.refuse(visitor);
    if (this.#waiting.size >= MAX_WAITING) return refuse();
    this.#waiting.set(visitor, {
      peer,
      local,
      refuse,
      open: async (signal, log) =>
        new Visitor(await this.site.take(visitor, log, signal), peer, refuse),
    });
    this.#change.notify();
  }

  /** Asks for the same port again and again until it is there, or the listener is closed. */
  async #reopen(): Promise<void> {
    const { signal } = this.#closing;
    const { port } = this.control;
    let told: string | undefined;
    for (let tries = 0; !signal.aborted; tries++) {
      await sleep(pauseBefore(tries, FIRST_DELAY), signal).catch(() => {});
      if (signal.aborted) return;
      try {
        const control = await this.site.open(port, this.log, signal);
        if (signal.aborted) return control.close();
        this.control = control;
        const [address] = this.addresses;
        return this.log.info("gate-back", `listening on ${address} again`, { address });
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== told && !(error instanceof UnavailableError)) {
          this.log.warn("gate-refuses", `${reason}; trying again`, { error: reason });
        }
        told = reason;
      }
    }
  }
}

/** Where visitors connect: at the name that the gate goes by, or by which we reach it. */
function shown({ host }: GateAddress, { port, publicHost }: Control): string {
  const own = host === ANY || host === LOOPBACK ? "127.0.0.1" : host;
  return formatHostPort("tcp", publicHost || own, port);
}
