/** Opens several connections at once, and closes all of them when the measurement is over. */
import type { Connection } from "../core/duplex.ts";
import type { Dial } from "./settings.ts";

/**
 * Opens `count` connections, runs `work` on all of them at the same time, and closes them. The
 * first failure closes all and becomes the rejection.
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
