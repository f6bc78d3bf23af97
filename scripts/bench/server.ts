/** The server of every measurement: sinks, an echo and a source, as cheap as possible. */
import type { Ports } from "./protocol.ts";

const hostname = "127.0.0.1";

function serve(handle: (conn: Deno.TcpConn) => Promise<void>): number {
  const listener = Deno.listen({ hostname, port: 0, tcpBacklog: 4096 });
  const accept = async () => {
    for (;;) {
      // `accept` rejects if the peer has already reset the connection.
      const conn = await listener.accept().catch(() => undefined);
      if (conn) handle(conn).catch(() => {}).finally(() => conn.close());
    }
  };
  accept();
  return listener.addr.port;
}

async function sink(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1024 * 1024);
  let total = 0;
  for (let count; (count = await conn.read(buffer)) !== null;) total += count;
  const answer = new Uint8Array(8);
  new DataView(answer.buffer).setBigUint64(0, BigInt(total));
  await conn.write(answer);
}

/** A sink for clients without half-close (WebSocket), which announce the number of bytes. */
async function counter(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1024 * 1024);
  let count = 0;
  while (count < 8) count += await conn.read(buffer.subarray(count)) ?? 8;
  let left = new DataView(buffer.buffer).getBigUint64(0) - BigInt(count - 8);
  for (let more; left > 0n && (more = await conn.read(buffer)) !== null;) left -= BigInt(more);
  if (left === 0n) await conn.write(Uint8Array.of(1));
  while (await conn.read(buffer) !== null);
}

async function echo(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(1024);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    for (let at = 0; at < count;) at += await conn.write(buffer.subarray(at, count));
  }
}

const OFFER = new Uint8Array(10 * 1024 * 1024);

async function source(conn: Deno.TcpConn): Promise<void> {
  for (let at = 0; at < OFFER.length;) at += await conn.write(OFFER.subarray(at));
}

const ports: Ports = {
  sink: serve(sink),
  counter: serve(counter),
  echo: serve(echo),
  source: serve(source),
};
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(ports) + "\n"));
while (await Deno.stdin.read(new Uint8Array(64)) !== null);
Deno.exit(0);
