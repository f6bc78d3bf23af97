/**
 * UDP sockets that share a port: the kernel picks one by a hash of both addresses, so that each
 * peer stays with one of them (SO_REUSEPORT, socket(7)). The option must be set before binding, and
 * the runtime binds every socket that it makes. So a socket on any free port is unbound again:
 * Linux lets go of a port that the kernel chose when the socket disconnects.
 */
import { UsageError } from "../../core/errors.ts";
import { datagramSocketAt, type Descriptor } from "../descriptor.ts";
import { type IpAddress, sockaddrOf } from "../sockaddr.ts";
import { zoneOf } from "./zone.ts";

/** By their addresses they couldn't be told from others of this process. */
const descriptors = new WeakMap<Deno.DatagramConn, Descriptor>();

/** The descriptor of a socket that shares its port. */
export function sharedDescriptor(conn: Deno.DatagramConn): Descriptor | undefined {
  return descriptors.get(conn);
}

/**
 * Binds a UDP socket to a port that it shares, port 0 for a free one. Throws as the runtime does,
 * and a `UsageError` where the C library isn't there to set the option.
 */
export function bindShared({ hostname, port }: IpAddress): Deno.DatagramConn {
  const conn = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const free = conn.addr as Deno.NetAddr;
  const address: Deno.NetAddr = { ...free, port: port || free.port };
  try {
    const descriptor = datagramSocketAt(free);
    if (!descriptor) {
      throw new UsageError("--reuse-port", "needs the GNU C library for udp://, which isn't here");
    }
    if (!descriptor.bindShared(sockaddrOf(address, zoneOf(hostname)))) {
      // The runtime binds the port alone, and says why that fails.
      Deno.listenDatagram({ transport: "udp", hostname, port }).close();
      throw new Deno.errors.AddrInUse("the port was in use a moment ago");
    }
    descriptors.set(conn, descriptor);
  } catch (error) {
    conn.close();
    throw error;
  }
  return Object.defineProperty(conn, "addr", { value: address });
}
