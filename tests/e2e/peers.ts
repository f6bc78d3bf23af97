/** Plain sockets as peers of a coax process. */
import { concat } from "../../src/core/bytes.ts";
import { withTimeout } from "../../src/core/time.ts";
import { Coax, DEADLINE } from "./coax.ts";

export { unusedPort } from "../support/ports.ts";

/** Size of the payloads that must arrive whole. */
export const LARGE = 8 * 1024 * 1024;

/** `length` bytes that differ in every run, so that no byte is right by chance. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const most = 65_536; // The limit of one getRandomValues call.
  for (let at = 0; at < length; at += most) crypto.getRandomValues(bytes.subarray(at, at + most));
  return bytes;
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
  return digest.toHex();
}

/** A listener on a free port of this machine; `address` is what coax connects to. */
export function listenHere(): Disposable & {
  address: string;
  accept(): Promise<Deno.TcpConn>;
} {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return {
    address: `127.0.0.1:${listener.addr.port}`,
    accept: () => soon(listener.accept(), "accept"),
    [Symbol.dispose]: () => listener.close(),
  };
}

/** A listener whose backlog is full: the kernel answers no connection attempt. */
export async function fullBacklog(): Promise<Disposable & { address: string }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 0 });
  const { hostname, port } = listener.addr;
  const queued = await Deno.connect({ hostname, port });
  return {
    address: `${hostname}:${port}`,
    [Symbol.dispose]() {
      queued.close();
      listener.close();
    },
  };
}

/** Connects to an address as coax prints it. */
export async function connectTo(address: string): Promise<Deno.Conn> {
  if (address.startsWith("unix:")) {
    return await Deno.connect({ transport: "unix", path: address.slice("unix:".length) });
  }
  const { hostname, port } = new URL(address.replace(/^tcp:/, "http:"));
  return await Deno.connect({ hostname: hostname.replace(/[[\]]/g, ""), port: +port });
}

/** Writes all of it. */
export async function send(conn: Deno.Conn, data: string | Uint8Array): Promise<void> {
  let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
  while (rest.length > 0) rest = rest.subarray(await soon(conn.write(rest), "write"));
}

/** Reads `length` bytes, or fewer at EOF. */
export async function receive(conn: Deno.Conn, length = Infinity): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let left = length; left > 0;) {
    const buffer = new Uint8Array(Math.min(left, 65_536));
    const count = await soon(conn.read(buffer), "read");
    if (count === null) break;
    parts.push(buffer.subarray(0, count));
    left -= count;
  }
  return concat(parts);
}

/** `receive` as text. */
export async function receiveText(conn: Deno.Conn, length = Infinity): Promise<string> {
  return new TextDecoder().decode(await receive(conn, length));
}

/** Applies the deadline of all waits. */
export async function soon<T>(work: Promise<T>, what: string, ms = DEADLINE): Promise<T> {
  return await withTimeout(work, ms, () => new Error(`${what}: nothing within ${ms} ms`));
}

/** Waits until a process has exited, whether or not it has been reaped. */
export async function exited(pid: number): Promise<void> {
  const runs = () => {
    try {
      return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
    } catch {
      return false;
    }
  };
  const end = performance.now() + DEADLINE;
  while (runs()) {
    if (performance.now() > end) throw new Error(`process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Connects to its argument or listens, reads one byte, and waits to be killed. */
const FRAGILE = `
  const [port] = Deno.args;
  let conn;
  if (port) {
    conn = await Deno.connect({ port: Number(port) });
  } else {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    console.log("port " + listener.addr.port);
    conn = await listener.accept();
  }
  await conn.read(new Uint8Array(1));
  console.log("one byte");
  setInterval(() => {}, 1000);
`;

/**
 * A peer that resets its connection. Deno always closes with FIN; but where a process dies with
 * bytes unread, the kernel sends RST (RFC 2525 §2.17).
 */
export class FragilePeer implements AsyncDisposable {
  private constructor(private readonly process: Coax) {}

  /** Listens on a free port, for one connection. */
  static async listen(): Promise<{ peer: FragilePeer; address: string }> {
    const process = Coax.spawn([Deno.execPath(), "eval", "-q", FRAGILE]);
    const [, port] = await process.prints(/port (\d+)\n/);
    return { peer: new FragilePeer(process), address: `127.0.0.1:${port}` };
  }

  /** Connects to an address as coax prints it. */
  static connect(address: string): FragilePeer {
    const port = address.split(":").at(-1)!;
    return new FragilePeer(Coax.spawn([Deno.execPath(), "eval", "-q", FRAGILE, port]));
  }

  /** Resets the connection once the first of coax's bytes (two or more in one piece) are there. */
  async reset(): Promise<void> {
    await this.process.prints(/one byte\n/);
    this.process.signal("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}
