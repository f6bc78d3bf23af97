/**
 * An association of SOCKS5 (RFC 1928 §6, §7): a UDP socket for one client's datagrams, which its
 * targets' answers come back from. It lives as long as the TCP connection that asked for it.
 */
import type { HostPort } from "../../address/address.ts";
import { type Ip, ipOfPeer, parseIp } from "../../address/ip.ts";
import { drain } from "../../core/drain.ts";
import type { Channel, Duplex } from "../../core/duplex.ts";
import { SessionOverError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { isReset } from "../../core/resets.ts";
import type { RequestedTarget } from "../../proxy/target.ts";
import { bindDatagrams } from "../../transports/udp/mod.ts";
import type { UdpPeer } from "../../transports/udp/datagrams.ts";
import type { DatagramSocket } from "../../transports/datagram/socket.ts";
import { IdleTimer } from "../../wrap/idle.ts";
import { DroppedDatagrams } from "./dropped.ts";
import { DatagramSender } from "./sender.ts";
import { AssociationSide } from "./side.ts";
import type { DatagramTargets } from "./targets.ts";

/** Bytes to read at once from a client that has nothing to send: its buffer stays for long. */
const EXPECTED_SIZE = 64;

export interface AssociationOptions {
  /** The IP address that the client has connected to: its datagrams go there as well. */
  readonly local: string;
  /** Where the client says that it sends from; zeros where it can't tell. */
  readonly from: RequestedTarget;
  readonly targets: DatagramTargets;
  /** Our own address towards the targets, if it was chosen. */
  readonly bind: HostPort | undefined;
  /** Milliseconds without a datagram after which it is over. */
  readonly idleTimeout: number;
  readonly log: Log;
}

export class Association {
  readonly client: Channel;
  readonly target: Channel;
  readonly #clientSide: AssociationSide;
  readonly #targetSide: AssociationSide;
  readonly #socket: DatagramSocket<UdpPeer>;
  readonly #sender: DatagramSender;
  readonly #dropped: DroppedDatagrams;
  readonly #idle: IdleTimer;
  readonly #ip: Ip | undefined;
  /** The client's port: the one that it names, or that of its first datagram. */
  #port: number | undefined;
  #clientAddress: Deno.NetAddr | undefined;
  #closed = false;

  /** Binds the client's socket. Throws an `UnavailableError`. */
  constructor(private readonly control: Duplex, private readonly options: AssociationOptions) {
    const { local, from, targets, bind, idleTimeout, log } = options;
    const { peer } = control;
    this.#ip = ipOfPeer(peer);
    // Behind a translator, the client knows neither its address nor its port.
    const isKnown = from.port !== 0 && parseIp(from.host)?.join() === this.#ip?.join();
    this.#port = isKnown ? from.port : undefined;
    this.#dropped = new DroppedDatagrams(peer, log);
    this.#socket = bindDatagrams(
      { hostname: local, port: 0 },
      `udp://${peer}`,
      log,
      (data, sender) => this.#deliver(data, sender),
    );
    const deliver = (data: Uint8Array) => this.#targetSide.deliver(data);
    this.#sender = new DatagramSender(targets, { bind, log }, { deliver, dropped: this.#dropped });
    this.#idle = new IdleTimer(idleTimeout, () => this.#expire());
    this.client = this.#clientSide = this.#side(peer, (data) => this.#answer(data));
    this.target = this.#targetSide = this.#side("udp targets", (data) => this.#sender.send(data));
  }

  /** Where the client is to send its datagrams to. */
  get bound(): RequestedTarget {
    const { hostname, port } = this.#socket.address;
    return { host: hostname, port };
  }

  /** Begins once the client has been answered: from now on it ends with the client's connection. */
  begin(): void {
    this.#idle.start();
    this.#awaitEof();
  }

  /** Releases everything where it hasn't begun. */
  abandon(): void {
    this.#release();
  }

  #side(peer: string, send: (data: Uint8Array) => Promise<void>): AssociationSide {
    return new AssociationSide(peer, {
      send: (data) => {
        this.#idle.touch();
        return send(data);
      },
      onClose: (reason) => {
        this.#release();
        this.control.close(reason);
        return this.control.closed;
      },
    });
  }

  /** Takes a datagram of the client; whatever others send is ignored. */
  #deliver(data: Uint8Array, from: Deno.NetAddr): void {
    const isClients = parseIp(from.hostname)?.join() === this.#ip?.join();
    if (!isClients || from.port !== (this.#port ?? from.port)) {
      return this.#dropped.add("from others than the client");
    }
    this.#port = from.port;
    this.#clientAddress = from;
    if (!this.#clientSide.deliver(data)) {
      this.#dropped.add("received faster than taken", "dropped");
    }
  }

  async #answer(data: Uint8Array): Promise<void> {
    try {
      await this.#socket.send(data, this.#clientAddress!);
    } catch (error) {
      if (!this.#closed) this.#dropped.add(`not sent back: ${(error as Error).message}`);
    }
  }

  /** Reads what the client has no reason to send, up to its EOF. */
  async #awaitEof(): Promise<void> {
    try {
      await drain(this.control, EXPECTED_SIZE);
    } catch (error) {
      if (!isReset(error as Error)) return this.#end(error as Error);
    }
    this.#end();
  }

  #expire(): void {
    const { idleTimeout } = this.options;
    const reason = `silent for ${idleTimeout / 1000} s`;
    this.#end(new SessionOverError("close", this.control.peer, reason));
  }

  /** Ends both sides, by EOF where there is no reason. */
  #end(reason?: Error): void {
    for (const side of [this.#clientSide, this.#targetSide]) {
      if (reason) side.close(reason);
      else side.end();
    }
  }

  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#idle.stop();
    this.#socket.release();
    this.#sender.close();
    this.#dropped.close();
  }
}
