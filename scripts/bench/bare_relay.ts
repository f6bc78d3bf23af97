/** The shortest relay on the runtime, to tell Deno's cost from coax's. */
const [port, target, block] = Deno.args.map(Number);
const hostname = "127.0.0.1";

async function carry(source: Deno.Conn, sink: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(block!);
  for (let count; (count = await source.read(buffer)) !== null;) {
    for (let at = 0; at < count;) at += await sink.write(buffer.subarray(at, count));
  }
  await sink.closeWrite();
}

async function relay(client: Deno.TcpConn): Promise<void> {
  using _client = client;
  client.setNoDelay(true);
  using server = await Deno.connect({ hostname, port: target! });
  server.setNoDelay(true);
  await Promise.all([carry(client, server), carry(server, client)]);
}

const listener = Deno.listen({ hostname, port: port!, tcpBacklog: 4096 });
for (;;) {
  const client = await listener.accept().catch(() => undefined);
  if (client) relay(client).catch(() => {});
}
