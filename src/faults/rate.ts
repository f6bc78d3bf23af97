/** `--rate`: limited bandwidth, by a token bucket. */
import type { Connection } from "../core/duplex.ts";
import { sleep } from "../core/time.ts";
import { type Emit, withSendHook } from "./send_hook.ts";

/** The largest burst, in seconds' worth of bytes. */
const BURST = 0.1;

/** Sends to `connection` at most `rate` bytes a second, in bursts of at most 100 ms' worth. */
export function rate(connection: Connection, rate: number, emit: Emit): Connection {
  const capacity = Math.max(1, Math.floor(rate * BURST));
  let tokens = capacity;
  let last = performance.now();
  const refill = () => {
    const now = performance.now();
    tokens = Math.min(capacity, tokens + (now - last) / 1000 * rate);
    last = now;
  };
  return withSendHook(connection, {
    piece: capacity,
    async before(size) {
      refill();
      // A message larger than a burst is sent whole: the next one waits for the debt of tokens.
      const wanted = Math.min(size, capacity);
      if (tokens < wanted) {
        const ms = (wanted - tokens) / rate * 1000;
        emit("rate", `held ${size} bytes to ${connection.peer} back for ${Math.ceil(ms)} ms`);
        await sleep(ms);
        refill();
      }
      tokens -= size;
    },
  });
}
