/** Connects a UDP socket to its target, which may be one host or many. */
import { isMulticast } from "../../address/ip.ts";
import {
  datagramSocketAt,
  type Descriptor,
  setOption,
  socketCalls,
  SOL_SOCKET,
} from "../descriptor.ts";
import { sockaddrOf } from "../sockaddr.ts";
import { zoneOf } from "./zone.ts";

/** The option to send to a broadcast address (socket(7)); the runtime sets it on every socket. */
const SO_BROADCAST = 6;
/** The errno(3) of connecting to a broadcast address without the option. */
const EACCES = 13;
/** The broadcast address of every network (RFC 919 §7). */
const LIMITED_BROADCAST = "255.255.255.255";

/** How datagrams reach a target. */
export interface Reach {
  /** The descriptor of a socket that is connected; undefined without libc, and for many hosts. */
  readonly descriptor?: Descriptor;
  /** Whether datagrams go to many hosts, each of which may answer from its own address. */
  readonly many?: "multicast" | "broadcast";
}

/**
 * Connects `socket` to `target`, unless that is many hosts. Only Linux tells that an address is the
 * broadcast address of a network; elsewhere it is one if `broadcast` says so. If the system
 * refuses, sending the first datagram fails.
 */
export function reach(
  socket: Deno.DatagramConn,
  target: Deno.NetAddr,
  broadcast: boolean,
): Reach {
  if (isMulticast(target.hostname)) return { many: "multicast" };
  const calls = socketCalls();
  const descriptor = datagramSocketAt(socket.addr as Deno.NetAddr);
  if (!calls || !descriptor) {
    return broadcast || target.hostname === LIMITED_BROADCAST ? { many: "broadcast" } : {};
  }
  const allow = (allowed: 0 | 1) => {
    setOption(calls, descriptor.number, SO_BROADCAST, SOL_SOCKET, allowed);
  };
  allow(0);
  const number = descriptor.startConnecting(sockaddrOf(target, zoneOf(target.hostname)));
  if (number === 0) return { descriptor };
  allow(1);
  return number === EACCES ? { many: "broadcast" } : {};
}
