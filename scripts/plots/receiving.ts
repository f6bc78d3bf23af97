/** What a client sees, and when: arrivals and the end, in milliseconds since it connected. */
import { closeQuietly } from "./lab.ts";

export interface Arrival {
  readonly at: number;
  readonly size: number;
}

export interface Reception {
  readonly arrivals: readonly Arrival[];
  /** When and how the connection ended; undefined where it was still open. */
  readonly end?: { readonly at: number; readonly how: "EOF" | "reset" };
}

/** Reads until the connection ends, or for `ms` milliseconds; then it is closed. */
export async function receive(conn: Deno.Conn, ms: number): Promise<Reception> {
  const start = performance.now();
  const arrivals: Arrival[] = [];
  const buffer = new Uint8Array(64 * 1024);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    closeQuietly(conn);
  }, ms);
  const now = () => performance.now() - start;
  try {
    for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
      arrivals.push({ at: now(), size: n });
    }
    return { arrivals, end: { at: now(), how: "EOF" } };
  } catch (error) {
    if (isOver) return { arrivals };
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    return { arrivals, end: { at: now(), how: "reset" } };
  } finally {
    clearTimeout(timer);
    closeQuietly(conn);
  }
}

export function bytesOf({ arrivals }: Reception): number {
  return arrivals.reduce((sum, { size }) => sum + size, 0);
}
