/** A TCP relay in the middle of a test: counts bytes, and can cut connections. */

export interface Wire extends Disposable {
  readonly port: number;
  /** Bytes to and from the server. */
  readonly sent: number;
  readonly received: number;
  /** Closes every connection with FIN on both sides at once. */
  cut(): void;
}

/** Relays each connection to the port that `portFor` returns; connections count from 0. */
export function wire(portFor: (index: number) => number): Wire {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const conns: Deno.Conn[] = [];
  const total = { sent: 0, received: 0 };
  const closeAll = () => {
    for (const conn of conns.splice(0)) conn.close();
  };
  const run = async () => {
    for (let index = 0;; index++) {
      const client = await listener.accept();
      const server = await Deno.connect({ hostname: "127.0.0.1", port: portFor(index) });
      conns.push(client, server);
      carry(client, server, (count) => total.sent += count);
      carry(server, client, (count) => total.received += count);
    }
  };
  run().catch(() => {}); // The listener is closed.
  return {
    port: listener.addr.port,
    get sent() {
      return total.sent;
    },
    get received() {
      return total.received;
    },
    cut: closeAll,
    [Symbol.dispose]() {
      listener.close();
      closeAll();
    },
  };
}

async function carry(source: Deno.Conn, sink: Deno.Conn, count: (bytes: number) => void) {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let n = await source.read(buffer); n !== null; n = await source.read(buffer)) {
      count(n);
      for (let at = 0; at < n;) at += await sink.write(buffer.subarray(at, n));
    }
    await sink.closeWrite();
  } catch {
    // Cut, or closed by a side.
  }
}
