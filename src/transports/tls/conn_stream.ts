/** A `Deno.Conn` as a Node stream, over which `node:tls` speaks TLS. */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

/** Bytes of one read, so few that what they decrypt to never fills Node's buffer of 64 KiB. */
const READ_SIZE = 32 * 1024;

interface StreamOptions {
  /** Resolves when more is wanted. */
  readonly wanted: () => Promise<void>;
  /**
   * Called once, at the EOF of the connection. The stream doesn't end then: `node:tls` would take
   * it for an end in order, without close_notify too.
   */
  readonly onEof: () => void;
}

/** Makes a stream of `conn`, which stays open when the stream is destroyed. */
export function streamOf(conn: Deno.Conn, { wanted, onEof }: StreamOptions): Duplex {
  const read = async () => {
    await wanted();
    const buffer = Buffer.allocUnsafe(READ_SIZE);
    const count = await conn.read(buffer);
    if (count === null) onEof();
    else stream.push(buffer.subarray(0, count));
  };
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => void read().catch((error) => stream.destroy(error)),
    write: (bytes: Uint8Array, _encoding, done) => void writeAll(conn, bytes).then(done, done),
    final: (done) => void conn.closeWrite().then(() => done(), done),
  });
  return stream;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<undefined> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}
