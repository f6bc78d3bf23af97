/** The shortest relay on the runtime, to tell its cost from coax: with CERT and KEY, from TLS. */
const [port, target, block] = Deno.args.slice(0, 3).map(Number);
const [cert, key] = Deno.args.slice(3).map((path) => Deno.readTextFileSync(path));
const hostname = "127.0.0.1";

async function carry(source: Deno.Conn, sink: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(block!);
  for (let count; (count = await source.read(buffer)) !== null;) {
    for (let at = 0; at < count;) at += await sink.write(buffer.subarray(at, count));
  }
  await sink.closeWrite();
}

async function relay(client: Deno.TcpConn | Deno.TlsConn): Promise<void> {
  using _client = client;
  if ("setNoDelay" in client) client.setNoDelay(true);
  using server = await Deno.connect({ hostname, port: target! });
  server.setNoDelay(true);
  await Promise.all([carry(client, server), carry(server, client)]);
}

const address = { hostname, port: port!, tcpBacklog: 4096 };
const listener = cert && key ? Deno.listenTls({ ...address, cert, key }) : Deno.listen(address);
for (;;) {
  const client = await listener.accept().catch(() => undefined);
  if (client) relay(client).catch(() => {});
}
