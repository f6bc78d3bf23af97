/** Peers that misbehave: they reset, stall, talk garbage, dribble, and leave in the middle. */
import { below, type Generator } from "./random.ts";
import { soon } from "./wait.ts";

/** What `resets` takes at most for each connection, milliseconds. */
const EACH = 20;

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
  const { success } = await soon(shell.status, `${count} resets`, 2_000 + count * EACH);
  if (!success) throw new Error(`${address} can't be connected to`);
}

/**
 * `count` visitors at once that say `hello`, then send for `ms` milliseconds what the other side
 * takes, read nothing, and leave. Other processes, since this runtime can't leave a write that
 * waits.
 */
export async function flood(
  address: string,
  count: number,
  ms: number,
  hello = new Uint8Array(),
): Promise<void> {
  const { hostname, port } = endpointOf(address);
  const said = [...hello].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  const script = `for ((i = 0; i < ${count}; i++)); do (
    exec 3<>/dev/tcp/${hostname}/${port} || exit 1
    printf '${said}' >&3
    timeout ${ms / 1000} head -c 1000000000 /dev/zero >&3
  ) & done; wait`;
  const args = ["-c", script];
  const shell = new Deno.Command("bash", { args, stdin: "null", stderr: "null" }).spawn();
  await soon(shell.status, `${count} visitors that leave`, ms + 20_000);
}

/** Sends all of it and leaves at once, without a look at the answer. */
export async function hitAndRun(address: string, bytes: Uint8Array): Promise<void> {
  using conn = await intrude(address);
  await writeAll(conn, bytes);
}

/** Sends `bytes` up to the one at `length`, and leaves. */
export function cutAt(address: string, bytes: Uint8Array, length: number): Promise<void> {
  return hitAndRun(address, bytes.subarray(0, length));
}

/** Sends one byte a write. Ends without a word where the other side has gone. */
export async function dribble(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at++) await writeAll(conn, bytes.subarray(at, at + 1));
}

/** Connections that say `hello`, which may be nothing, and then neither speak nor leave. */
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

/** Up to `longest` bytes of no protocol. */
export function garbage(random: Generator, longest: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: below(random, longest + 1) }, () => below(random, 256));
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
