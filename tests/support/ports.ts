/**
 * Ports that nobody listens on, below the ephemeral ones (RFC 6335 §6; Linux begins at 32768): no
 * other socket gets one by chance before the test uses it.
 */

const FIRST = 10_000;
const COUNT = 20_000;
const HERE = "127.0.0.1";

/** A free TCP port of this machine. */
export function unusedPort(): number {
  return unused((port) => Deno.listen({ hostname: HERE, port }));
}

/** A free UDP port of this machine. */
export function unusedUdpPort(): number {
  return unused((port) => Deno.listenDatagram({ transport: "udp", hostname: HERE, port }));
}

function unused(bind: (port: number) => { close(): void }): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      bind(port).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
