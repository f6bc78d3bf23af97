/** The shortest relay that the runtime runs: what of a cost is Deno's, and not coax's. */
const [port, target] = Deno.args.map(Number);
const hostname = "127.0.0.1";

async function carry(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  for (let count; (count = await from.read(buffer)) !== null;) {
    for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
  }
  await to.closeWrite();
}

async function relay(near: Deno.TcpConn): Promise<void> {
  using _near = near;
  near.setNoDelay(true);
  using far = await Deno.connect({ hostname, port: target! });
  far.setNoDelay(true);
  await Promise.all([carry(near, far), carry(far, near)]);
}

const listener = Deno.listen({ hostname, port: port!, tcpBacklog: 1024 });
for (;;) {
  const near = await listener.accept().catch(() => undefined);
  if (near) relay(near).catch(() => {});
}
