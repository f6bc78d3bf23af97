/** A small key-value store and its clients, so that a panel has something to show. */

/** Characters of the values: of those that are read, and of those that are written. */
const [READ, WRITTEN] = [[40, 900, 160, 2400, 80], [20, 700, 1400]];

/** Answers each line with a value, over TCP on this machine, until it is disposed. */
export function openStore(port: number): Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  (async () => {
    for await (const conn of listener) answer(conn).catch(() => {}); // Clients come and go.
  })();
  return listener;
}

async function answer(conn: Deno.Conn): Promise<void> {
  using _ = conn;
  for (let count = 0;; count++) {
    const key = (await readText(conn))?.split(" ")[1];
    if (key === undefined) return;
    await writeText(conn, `${JSON.stringify({ key, value: valueOf(count, READ) })}\n`);
  }
}

/** Asks a store again and again, in waves, until it is disposed or the connection is over. */
export class StoreClient implements Disposable {
  private constructor(private readonly conn: Deno.Conn) {}

  /** @param phase Where in its wave it begins, 0 to 1. */
  static async open(port: number, phase: number): Promise<StoreClient> {
    const client = new StoreClient(await Deno.connect({ hostname: "127.0.0.1", port }));
    client.#ask(phase).catch(() => {}); // A fault of the proxy ends it.
    return client;
  }

  async #ask(phase: number): Promise<void> {
    for (let count = 0;; count++) {
      const key = `user:${1000 + 7 * count % 900}`;
      const isRead = count % 3 > 0;
      await writeText(
        this.conn,
        isRead ? `GET ${key} \n` : `SET ${key} ${valueOf(count / 3, WRITTEN)}\n`,
      );
      if (await readText(this.conn) === undefined) return;
      const wave = 1 + Math.sin(2 * Math.PI * (phase + performance.now() / WAVE));
      await new Promise((resolve) => setTimeout(resolve, SHORTEST + LONGER * wave));
    }
  }

  /** Ends in order. */
  async end(): Promise<void> {
    await this.conn.closeWrite();
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // A fault has closed it.
    }
  }
}

function valueOf(count: number, sizes: readonly number[]): string {
  return "so it goes, on and on, ".repeat(200).slice(0, sizes[Math.floor(count) % sizes.length]);
}

/** Milliseconds: of a wave; of the shortest wait between questions, and what a wave adds. */
const [WAVE, SHORTEST, LONGER] = [24_000, 15, 120];

/** What comes next; undefined at the end. */
async function readText(conn: Deno.Conn): Promise<string | undefined> {
  const buffer = new Uint8Array(16 * 1024);
  const size = await conn.read(buffer);
  return size === null ? undefined : new TextDecoder().decode(buffer.subarray(0, size));
}

async function writeText(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
