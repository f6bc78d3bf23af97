/** Sends the datagrams of one client to their targets, and receives what these answer. */
import type { HostPort } from "../../address/address.ts";
import { canonicalHost, isIPv6, parseLiteral } from "../../address/ip.ts";
import { ForbiddenError, ResolveError } from "../../core/errors.ts";
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import {
  formatDatagram,
  parseDatagram,
  type RequestedDatagram,
} from "../../proxy/socks5_datagram.ts";
import { routesFrom } from "../../transports/local_address.ts";
import { bindDatagrams } from "../../transports/udp/mod.ts";
import type { UdpPeer } from "../../transports/udp/datagrams.ts";
import type { DatagramSocket } from "../../transports/datagram/socket.ts";
import type { DroppedDatagrams } from "./dropped.ts";
import type { DatagramTargets } from "./targets.ts";

/** Datagrams that may wait for their target's name to be resolved. */
const MAX_UNRESOLVED = 64;

interface SenderOptions {
  /** Our own address, if it was chosen. */
  readonly bind: HostPort | undefined;
  readonly log: Log;
}

/** What becomes of answers and of what can't be sent. */
interface SenderCallbacks {
  /** Takes an answer with its header; false if there is no room. */
  readonly deliver: (data: Uint8Array) => boolean;
  readonly dropped: DroppedDatagrams;
}

export class DatagramSender {
  /** By family: bound with the first datagram to it. */
  readonly #sockets = new Map<4 | 6, Promise<DatagramSocket<UdpPeer>>>();
  #unresolved = 0;
  #closed = false;

  constructor(
    private readonly targets: DatagramTargets,
    private readonly options: SenderOptions,
    private readonly callbacks: SenderCallbacks,
  ) {}

  /** Sends a client's datagram, header included. What can't be sent is dropped and counted. */
  async send(bytes: Uint8Array): Promise<void> {
    const datagram = parseDatagram(bytes);
    if (typeof datagram === "string") return this.callbacks.dropped.add(datagram);
    if (parseLiteral(datagram.target.host)) return await this.#forward(datagram);
    // A slow name server holds up this target's datagrams alone.
    if (this.#unresolved >= MAX_UNRESOLVED) return this.callbacks.dropped.add(UNRESOLVED);
    this.#unresolved++;
    const { target, data } = datagram;
    this.#forward({ target, data: data.slice() }).finally(() => this.#unresolved--);
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket.then((one) => one.release(), () => {});
  }

  async #forward({ target, data }: RequestedDatagram): Promise<void> {
    try {
      const address = await this.targets.addressOf(target);
      const socket = await this.#socketFor(address);
      if (!this.#closed) await socket.send(data, address);
    } catch (error) {
      if (!this.#closed) this.callbacks.dropped.add(reasonFor(error as Error));
    }
  }

  #socketFor(to: Deno.NetAddr): Promise<DatagramSocket<UdpPeer>> {
    const family = isIPv6(to.hostname) ? 6 : 4;
    const known = this.#sockets.get(family);
    if (known) return known;
    const socket = this.#bind(to, family);
    this.#sockets.set(family, socket);
    socket.catch(() => this.#sockets.delete(family)); // Later there may be a descriptor for it.
    return socket;
  }

  async #bind(
    { hostname, port }: Deno.NetAddr,
    family: 4 | 6,
  ): Promise<DatagramSocket<UdpPeer>> {
    const { bind, log } = this.options;
    const any = { hostname: family === 6 ? "::" : "0.0.0.0", port: 0 };
    const text = "socks5:";
    const routes = bind && await routesFrom(bind, [hostname], { port, text }, log);
    const local = routes?.[0]?.local ?? any;
    return bindDatagrams(local, text, log, (data, from) => this.#deliver(data, from));
  }

  /** Passes an answer on, and nothing that the client hasn't asked for. */
  #deliver(data: Uint8Array, from: Deno.NetAddr): void {
    const { dropped, deliver } = this.callbacks;
    if (!this.targets.isAwaited(from)) {
      return dropped.add("from addresses that the client has sent nothing to");
    }
    const answer = formatDatagram({ host: canonicalHost(from.hostname), port: from.port }, data);
    if (answer.length > LARGEST_DATAGRAM) return dropped.add("too long with a SOCKS5 header");
    if (!deliver(answer)) dropped.add("received faster than taken", "dropped");
  }
}

const UNRESOLVED = "whose targets' names have no address yet";

function reasonFor(error: Error): string {
  if (error instanceof ForbiddenError) return "to targets that aren't allowed";
  if (error instanceof ResolveError) return "to names without an address";
  return `that the system didn't send: ${error.message}`;
}
