/** A client on a terminal, connected to the test that drives it. */
import { Terminal } from "./tmux.ts";
import { listenHere } from "./peers.ts";

/** What a client says first; `PEER` stands for the test's address. */
export const GREETING = "connected to PEER: type to send, Ctrl-D ends your side, Ctrl-C leaves";

interface Talk extends AsyncDisposable {
  readonly terminal: Terminal;
  /** The test's side of the connection. */
  readonly conn: Deno.TcpConn;
}

/** Opens a terminal in which a client is connected to `conn`. */
export async function talking(
  args: readonly string[] = [],
  size: Parameters<typeof Terminal.open>[0] = {},
): Promise<Talk> {
  using peer = listenHere();
  const terminal = await Terminal.open(size);
  terminal.call("PEER", peer.address);
  await terminal.enter(["run client", ...args, peer.address].join(" "));
  await using resources = new AsyncDisposableStack();
  resources.use(terminal);
  const conn = await peer.accept();
  resources.defer(() => closed(conn));
  await terminal.endsWith("> |");
  const kept = resources.move();
  return { terminal, conn, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function closed(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // The test has closed it.
  }
}
