/** `--rate`: a narrow line, as a token bucket. */
import type { Connection } from "../core/duplex.ts";
import { sleep } from "../core/time.ts";
import { type Emit, gated } from "./fault.ts";

/** What may go at once after a pause: this many seconds' worth. */
const BURST = 0.1;

/** Sends to `end` at no more than `rate` bytes a second, in bursts of at most 100 ms' worth. */
export function rate(connection: Connection, rate: number, tell: Emit): Connection {
  const capacity = Math.max(1, Math.floor(rate * BURST));
  let tokens = capacity;
  let last = performance.now();
  const refill = () => {
    const now = performance.now();
    tokens = Math.min(capacity, tokens + (now - last) / 1000 * rate);
    last = now;
  };
  return gated(connection, {
    piece: capacity,
    async before(size) {
      refill();
      // A message larger than a burst goes whole, on credit that what follows has to wait for.
      const wanted = Math.min(size, capacity);
      if (tokens < wanted) {
        const ms = (wanted - tokens) / rate * 1000;
        tell("rate", `held ${size} bytes to ${connection.peer} back for ${Math.ceil(ms)} ms`);
        await sleep(ms);
        refill();
      }
      tokens -= size;
    },
  });
}
