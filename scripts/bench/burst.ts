/** The client's job for many connects at once, by calls of the C library that don't wait. */
import { POLLIN, POLLOUT } from "../../src/transports/libc.ts";
import type { Job } from "./protocol.ts";
import { AF_INET, libc, localAddress } from "./system_socket.ts";

const [SOCK_STREAM, SOCK_NONBLOCK] = [1, 0x800];
const SHUT_WR = 1;
/** Bytes of a `struct pollfd` (poll(2)), and where its `revents` are. */
const [POLLFD, REVENTS] = [8, 6];

/** The longest wait for an answer, milliseconds. */
const ANSWER_LIMIT = 30_000;

/** Connects between two looks at which have opened. */
const STRIDE = 16;

const MESSAGE = new Uint8Array(64).fill(0x2a);

/** Connects `count` times at once, and exchanges a message on each. The slowest connect, ms. */
export function burst({ port, count }: Job & { job: "burst" }): Promise<number[]> {
  const connecting: Connecting[] = [];
  let left: Connecting[] = [];
  while (connecting.length < count) {
    const next = new Connecting(port);
    connecting.push(next);
    if (next.took === undefined) left.push(next);
    if (connecting.length % STRIDE === 0) left = stillConnecting(left, 0);
  }
  for (const deadline = performance.now() + ANSWER_LIMIT; left.length > 0;) {
    if (performance.now() > deadline) throw new Error(`${left.length} connects were lost`);
    left = stillConnecting(left, ANSWER_LIMIT);
  }
  for (const { own } of connecting) libc.send(own, MESSAGE, MESSAGE.length, 0);
  for (const { own } of connecting) {
    receive(own, MESSAGE.length);
    libc.shutdown(own, SHUT_WR);
  }
  // A relay that still closes would slow the next one.
  for (const { own } of connecting) {
    receive(own, 0);
    libc.close(own);
  }
  return Promise.resolve([Math.max(...connecting.map(({ took }) => took!))]);
}

/** A connection that has begun to open. */
class Connecting {
  readonly own = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  readonly #start = performance.now();
  /** Milliseconds until it was open. */
  took: number | undefined;

  constructor(port: number) {
    const address = localAddress(port);
    if (libc.connect(this.own, address, address.length) === 0) this.opened();
  }

  opened(): void {
    this.took = performance.now() - this.#start;
  }
}

/** Waits up to `limit` milliseconds until some have opened, and returns the others. */
function stillConnecting(pending: Connecting[], limit: number): Connecting[] {
  const table = new DataView(new ArrayBuffer(pending.length * POLLFD));
  for (const [i, { own }] of pending.entries()) {
    table.setInt32(i * POLLFD, own, true);
    table.setInt16(i * POLLFD + 4, POLLOUT, true);
  }
  libc.poll(table.buffer, BigInt(pending.length), limit);
  for (const [i, one] of pending.entries()) {
    const events = table.getInt16(i * POLLFD + REVENTS, true);
    if (events === POLLOUT) one.opened();
    else if (events !== 0) throw new Error("a connect was refused");
  }
  return pending.filter(({ took }) => took === undefined);
}

/** Receives that many bytes, or none up to EOF. Throws for more or fewer. */
function receive(own: number, count: number): void {
  const buffer = new Uint8Array(MESSAGE.length);
  for (let left = count;;) {
    const table = new Int32Array([own, POLLIN]);
    libc.poll(table, 1n, ANSWER_LIMIT);
    const arrived = libc.recv(own, buffer, buffer.length, 0);
    if (arrived === 0 && count === 0) return;
    if (arrived <= 0 || arrived > left) throw new Error("an answer was lost");
    left -= arrived;
    if (left === 0) return;
  }
}
