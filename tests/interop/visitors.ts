/**
 * Visitors of an echo: each sends random bytes while it reads, half-closes, and compares digests;
 * every tenth resets its connection in the middle. Prints how many were which.
 *
 *     deno run -A visitors.ts ADDRESS COUNT BYTES
 */
import { createHash, randomBytes } from "node:crypto";
import { parseAddress } from "../../src/address/address.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { ResetError } from "../../src/core/errors.ts";
import { dial } from "../../src/transports/mod.ts";
import { DIALING } from "../support/options.ts";

const CHUNK = 64 * 1024;
/** Visitors at once. */
const MOST = 100;

const [address, count, bytes] = [Deno.args[0]!, Number(Deno.args[1]), Number(Deno.args[2])];
const pool = randomBytes(2 * CHUNK);
const sums = { same: 0, different: 0, reset: 0 };
let next = 0;

async function visit(number: number): Promise<void> {
  const connection = await dial(parseAddress(address), DIALING) as Duplex;
  const [sent, received] = [createHash("sha256"), createHash("sha256")];
  const resets = number % 10 === 9;
  const reading = (async () => {
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const size = await connection.read(buffer);
      if (size === null) return;
      received.update(buffer.subarray(0, size));
    }
  })().catch((error) => {
    if (!resets) throw error;
  });
  for (let left = resets ? bytes / 2 : bytes; left > 0; left -= CHUNK) {
    const start = (number * 7919 + left) % CHUNK;
    const piece = pool.subarray(start, start + Math.min(left, CHUNK));
    sent.update(piece);
    await connection.write(piece);
  }
  if (resets) connection.close(new ResetError("test", "visitor"));
  else await connection.closeWrite();
  await reading;
  if (resets) sums.reset++;
  else sums[sent.digest("hex") === received.digest("hex") ? "same" : "different"]++;
  connection.close();
}

await Promise.all(Array.from({ length: MOST }, async () => {
  while (next < count) await visit(next++);
}));
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(sums)}\n`));
