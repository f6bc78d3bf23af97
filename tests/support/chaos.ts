/**
 * Peers that misbehave: they reset, stall, send garbage, send single bytes, and leave in the
 * middle.
 */
import { below, type Generator } from "./random.ts";
import { DEADLINE, soon } from "./wait.ts";

/** Host and port of an address as coax prints it: `ws://127.0.0.1:80/x` → 127.0.0.1, 80. */
export function endpointOf(address: string): { hostname: string; port: number } {
  const { hostname, port } = new URL(address.replace(/^\w+:\/\//, "http://"));
  return { hostname: hostname.replace(/[[\]]/g, ""), port: Number(port) };
}

/** A plain TCP connection to an address as coax prints it, whatever its scheme. */
export async function intrude(address: string): Promise<Deno.TcpConn> {
  return await Deno.connect(endpointOf(address));
}

/**
 * Connects `count` times to something that echoes, and resets each connection in mid-stream: the
 * shell closes its socket with bytes unread, and the kernel sends RST (RFC 2525 §2.17). The runtime
 * itself sends FIN, always.
 */
export async function resets(address: string, count: number): Promise<void> {
  const { hostname, port } = endpointOf(address);
  const script = `for ((i = 0; i < ${count}; i++)); do
    exec 3<>/dev/tcp/${hostname}/${port} || exit 1
    printf %01000d 0 >&3
    read -r -N 1 -u 3 first
    exec 3>&-
  done`;
  const shell = new Deno.Command("bash", { args: ["-c", script], stdin: "null" }).spawn();
  const { success } = await soon(shell.status, `${count} resets`);
  if (!success) throw new Error(`${address} can't be connected to`);
}

/**
 * Starts `count` clients at once that send `hello`, then for `ms` milliseconds what the other side
 * takes, read nothing, and leave. They are processes, since this runtime can't abandon a pending
 * write.
 */
export async function flood(
  address: string,
  count: number,
  ms: number,
  hello = new Uint8Array(),
): Promise<void> {
  const { hostname, port } = endpointOf(address);
  const escaped = [...hello].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  const script = `for ((i = 0; i < ${count}; i++)); do (
    exec 3<>/dev/tcp/${hostname}/${port} || exit 1
    printf '${escaped}' >&3
    timeout ${ms / 1000} head -c 1000000000 /dev/zero >&3
  ) & done; wait`;
  const args = ["-c", script];
  const shell = new Deno.Command("bash", { args, stdin: "null", stderr: "null" }).spawn();
  await soon(shell.status, `${count} visitors that leave`, ms + DEADLINE);
}

/** Sends everything and closes at once, without reading the answer. */
export async function hitAndRun(address: string, bytes: Uint8Array): Promise<void> {
  using conn = await intrude(address);
  await writeAll(conn, bytes);
}

/** Sends the first `length` bytes, and closes. */
export function cutAt(address: string, bytes: Uint8Array, length: number): Promise<void> {
  return hitAndRun(address, bytes.subarray(0, length));
}

/** Sends one byte per write. */
export async function dribble(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at++) await writeAll(conn, bytes.subarray(at, at + 1));
}

/** Connections that send `hello`, which may be empty, then stay open and silent. */
export async function stall(
  address: string,
  count: number,
  hello = new Uint8Array(),
): Promise<Disposable> {
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < count; i++) {
    const conn = await intrude(address);
    conns.push(conn);
    await writeAll(conn, hello);
  }
  return {
    [Symbol.dispose]() {
      for (const conn of conns) conn.close();
    },
  };
}

/** Up to `longest` random bytes. */
export function garbage(random: Generator, longest: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: below(random, longest + 1) }, () => below(random, 256));
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
