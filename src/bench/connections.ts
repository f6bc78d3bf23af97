/** Several connections at once, of which none outlives the measurement. */
import type { Connection } from "../core/duplex.ts";
import type { Dial } from "./settings.ts";

/**
 * Opens `count` connections, has `work` done on all of them at the same time, and closes them. The
 * first failure ends all, and is what this rejects with.
 */
export async function onEach<T>(
  dial: Dial,
  count: number,
  work: (connection: Connection, index: number) => Promise<T>,
): Promise<T[]> {
  const attempts = await Promise.allSettled(Array.from({ length: count }, () => dial()));
  const connections = attempts.flatMap((attempt) => "value" in attempt ? [attempt.value] : []);
  const refusal = attempts.find((attempt) => "reason" in attempt);
  const works = refusal ? [] : connections.map(work);
  try {
    if (refusal) throw refusal.reason;
    return await Promise.all(works);
  } finally {
    for (const connection of connections) connection.close();
    await Promise.allSettled([...works, ...connections.map((connection) => connection.closed)]);
  }
}
