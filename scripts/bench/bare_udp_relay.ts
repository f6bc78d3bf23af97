/**
 * The shortest relay of UDP on the runtime, to tell Deno's cost from coax's: a socket to the target
 * for each peer, and one buffer for each direction.
 */
const [port, targetPort] = Deno.args.map(Number);
const hostname = "127.0.0.1";
const target = { transport: "udp", hostname, port: targetPort! } as const;

const bind = (port: number) => Deno.listenDatagram({ transport: "udp", hostname, port });

async function answer(from: Deno.DatagramConn, to: Deno.Addr): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const [data] = await from.receive(buffer);
    await listener.send(data, to);
  }
}

const listener = bind(port!);
const sockets = new Map<number, Deno.DatagramConn>();
const buffer = new Uint8Array(65_536);
for (;;) {
  const [data, peer] = await listener.receive(buffer);
  const { port } = peer as Deno.NetAddr;
  let socket = sockets.get(port);
  if (!socket) {
    sockets.set(port, socket = bind(0));
    answer(socket, peer);
  }
  await socket.send(data, target);
}
