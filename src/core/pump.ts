/** Carries one direction: reads, writes and waits, until the source's EOF. */
import { type BufferPool, buffers } from "./buffers.ts";
import type { Channel, Duplex, Message } from "./duplex.ts";

/** The sink failed, not the source: the source may still have input to read. */
export class SinkError extends Error {
  /** @param failure What the sink rejected with. */
  constructor(readonly failure: Error) {
    super(failure.message);
  }
}

/**
 * Carries every byte of `source` to `sink`, and resolves at the source's EOF. The sink stays open.
 * One buffer is reused; awaiting the write is the back-pressure. Rejects as the source does,
 * or with a `SinkError`.
 */
export async function pump(
  source: Duplex,
  sink: Pick<Duplex, "write">,
  pool: BufferPool = buffers,
): Promise<void> {
  const lease = pool.lease();
  let isUnused = false;
  try {
    for (;;) {
      const bytes = lease.bytes;
      const count = await source.read(bytes);
      if (count === null) return void (isUnused = source.freesBuffer === true);
      try {
        await sink.write(count === bytes.length ? bytes : bytes.subarray(0, count));
      } catch (error) {
        throw new SinkError(error as Error);
      }
      lease.fit(count);
    }
  } finally {
    lease.release(isUnused);
  }
}

/**
 * `pump` for messages, which keep their boundaries and types. Those that have arrived together are
 * sent together, where both sides can.
 */
export async function forward(
  source: Channel,
  sink: Pick<Channel, "send" | "queues">,
): Promise<void> {
  for (;;) {
    const message = await source.receive();
    if (message === null) return;
    try {
      await (sink.queues ? sendReceived(message, source, sink) : sink.send(message));
    } catch (error) {
      throw new SinkError(error as Error);
    }
  }
}

/** Sends `first` and what has arrived behind it. Rejects as the first one that fails. */
function sendReceived(
  first: Message,
  source: Channel,
  sink: Pick<Channel, "send">,
): Promise<unknown> {
  const sending = [sink.send(first)];
  for (let next; (next = source.received?.());) sending.push(sink.send(next));
  return sending.length === 1 ? sending[0]! : Promise.all(sending);
}
