/**
 * What ICMP says of the datagrams of a connected UDP socket: nobody takes them (RFC 1122 §4.1.3.3).
 * It is an error that waits at the socket, and wakes no receive of the runtime's: so somebody
 * looks.
 */
import type { Address, HostPort } from "../../address/address.ts";
import { deadline } from "../../core/deadlines.ts";
import { ResolveError, type UnavailableError } from "../../core/errors.ts";
import { datagramSocketAt, type Descriptor, socketCalls } from "../descriptor.ts";
import { refused } from "../failure.ts";
import { sockaddrOf } from "../sockaddr.ts";

/** The first look after a datagram, and the last: each comes twice as late as the one before. */
const FIRST = 10;
const LAST = 2560;

/** A watch over one connected socket. */
export class Refusals {
  #wait = FIRST;
  #cancel: (() => void) | undefined;

  /** @param onRefused Called once a datagram has been refused; may be called again. */
  constructor(
    private readonly descriptor: Descriptor,
    private readonly peer: string,
    private readonly onRefused: (error: Error) => void,
  ) {}

  /** A datagram has been sent. */
  sent(): void {
    this.#wait = FIRST;
    this.#cancel ??= deadline(FIRST, () => this.#look());
  }

  /** Why nobody has taken a datagram, if that is known; it is told once. */
  take(): UnavailableError | undefined {
    const number = this.descriptor.takeFailure();
    return number ? refused(this.peer, number) : undefined;
  }

  /** A receive has met the refusal, which comes before what the socket still holds. */
  met(error: Error): void {
    this.close();
    this.#cancel = deadline(FIRST, () => this.onRefused(error));
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    this.#cancel = undefined;
    const error = this.take();
    if (error) return this.onRefused(error);
    if (this.#wait >= LAST) return;
    this.#wait *= 2;
    this.#cancel = deadline(this.#wait, () => this.#look());
  }
}

/**
 * The descriptor of `socket`, connected to `target`. Nothing without libc, and where the system
 * doesn't let it connect: the first datagram says why.
 */
export function connectDatagrams(
  socket: Deno.DatagramConn,
  target: Deno.NetAddr,
): Descriptor | undefined {
  const descriptor = datagramSocketAt(socket.addr as Deno.NetAddr);
  const sockaddr = sockaddrOf(target, zoneOf(target.hostname));
  return descriptor?.connect(sockaddr) ? descriptor : undefined;
}

/** The number of the interface that an IPv6 address has as its zone (RFC 4007 §11), or 0. */
function zoneOf(host: string): number {
  const [, zone] = host.split("%");
  if (zone === undefined) return 0;
  if (/^\d+$/.test(zone)) return Number(zone);
  return socketCalls()?.if_nametoindex(new TextEncoder().encode(`${zone}\0`)) ?? 0;
}

/**
 * Throws a `ResolveError` for a zone that this machine doesn't have. Without libc the first
 * datagram meets that.
 */
export function checkZone({ host, text }: HostPort & Pick<Address, "text">): void {
  if (!host.includes("%") || !socketCalls() || zoneOf(host) !== 0) return;
  throw new ResolveError("resolve", text, "no address is known for this name");
}
