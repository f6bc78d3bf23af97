/** A TCP relay in the middle of a test: counts what crosses it, and cuts it. */

export interface Wire extends Disposable {
  readonly port: number;
  /** Bytes that have gone to the server, and come from it. */
  readonly sent: number;
  readonly received: number;
  /** Ends every connection with FIN on both sides, whatever its ends may still want to say. */
  cut(): void;
}

/** Relays each connection to what `portFor` says for it; connections count from 0. */
export function wire(portFor: (index: number) => number): Wire {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const conns: Deno.Conn[] = [];
  const total = { sent: 0, received: 0 };
  const closeAll = () => {
    for (const conn of conns.splice(0)) conn.close();
  };
  const run = async () => {
    for (let index = 0;; index++) {
      const near = await listener.accept();
      const far = await Deno.connect({ hostname: "127.0.0.1", port: portFor(index) });
      conns.push(near, far);
      carry(near, far, (count) => total.sent += count);
      carry(far, near, (count) => total.received += count);
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
    // Cut, or one of the ends has gone.
  }
}
