/** UDP peers as the kernel names them: bytes to answer to, with no text until it is shown. */
import { message } from "../message.ts";
import { addressOf, AF_INET, type IpAddress, sockaddrOf } from "../sockaddr.ts";
import type { UdpPeer } from "./datagrams.ts";
import type { Pktinfo } from "./pktinfo.ts";

/** Peers that are remembered, so that they need not be made anew for each datagram. */
const MOST_KNOWN = 1024;

/** Sizes of a `sockaddr_in` and a `sockaddr_in6`, and where the address in it ends, in bytes. */
const IPV4 = { size: 16, end: 8 };
const IPV6 = { size: 28, end: 24 };

export class DirectPeer implements UdpPeer {
  readonly transport = "udp";
  #address: IpAddress | undefined;

  /** @param pktinfo Control data with our address that it has sent to, where there are several. */
  constructor(readonly key: string, readonly sockaddr: Uint8Array, readonly pktinfo: Uint8Array) {}

  get hostname(): string {
    return this.#named.hostname;
  }

  get port(): number {
    return this.#named.port;
  }

  get #named(): IpAddress {
    return this.#address ??= addressOf(this.sockaddr);
  }
}

/** The peers of one socket. */
export class DirectPeers {
  readonly #byKey = new Map<string, DirectPeer>();
  readonly #byAddress = new Map<string, DirectPeer>();

  constructor(private readonly pktinfo?: Pktinfo) {}

  /** Who has sent the datagram in `message`. */
  sender(): DirectPeer {
    const { name, control } = message;
    this.pktinfo?.clearInterface(control);
    const { size, end } = name[0] === AF_INET ? IPV4 : IPV6;
    const pktinfo = control.subarray(0, this.pktinfo?.size ?? 0);
    const key = keyOf(name.subarray(2, end)) + keyOf(pktinfo);
    return this.#byKey.get(key) ??
      remember(this.#byKey, key, new DirectPeer(key, name.slice(0, size), pktinfo.slice()));
  }

  /** The peer at this address, which has sent to the socket's only one. */
  at({ hostname, port }: IpAddress): DirectPeer {
    const address = `${hostname} ${port}`;
    const known = this.#byAddress.get(address);
    if (known) return known;
    const sockaddr = sockaddrOf({ hostname, port }, 0);
    const { end } = sockaddr[0] === AF_INET ? IPV4 : IPV6;
    const peer = new DirectPeer(keyOf(sockaddr.subarray(2, end)), sockaddr, new Uint8Array());
    return remember(this.#byAddress, address, peer);
  }
}

/** Bytes as a string: port and address without a zone, which the runtime doesn't tell. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

function remember(peers: Map<string, DirectPeer>, key: string, peer: DirectPeer): DirectPeer {
  if (peers.size >= MOST_KNOWN) peers.clear();
  peers.set(key, peer);
  return peer;
}
