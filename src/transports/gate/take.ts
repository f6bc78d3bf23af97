/** Takes a visitor over a connection of its own. */
import type { Duplex } from "../../core/duplex.ts";
import { BrokenError, RefusedError, TimeoutError } from "../../core/errors.ts";
import { takeExactly } from "../../core/take.ts";
import { withTimeout } from "../../core/time.ts";
import { formatLine, newNonce, parseLine, type Prover } from "./protocol.ts";

/** Bytes of the gate's answer, behind which the visitor's come at once. */
const ANSWER_SIZE = formatLine({ proof: "0".repeat(64) }).length;

/**
 * Proves the secret, has the gate prove it, and resolves with `stream`, now the visitor's.
 * Rejects with a `BrokenError` where the visitor is gone, and closes `stream` whenever it rejects.
 */
export async function takeVisitor(
  stream: Duplex,
  visitor: string,
  prover: Prover,
  timeout: number | undefined,
): Promise<Duplex> {
  try {
    return await withTimeout(
      take(stream, visitor, prover),
      timeout,
      () => new TimeoutError("gate", stream.peer, `no answer for ${timeout! / 1000} s`),
    );
  } catch (error) {
    stream.close();
    throw error;
  }
}

async function take(stream: Duplex, visitor: string, prover: Prover): Promise<Duplex> {
  const nonce = newNonce();
  const proof = await prover.prove(["take", nonce, visitor]);
  await stream.write(formatLine({ gate: 1, take: visitor, nonce, proof }));
  const answer = await takeExactly(stream, ANSWER_SIZE).catch((cause) => {
    throw new BrokenError("gate", stream.peer, "the visitor is gone", { cause });
  });
  const taken = parseLine("taken", new TextDecoder().decode(answer));
  if (!taken || !await prover.accepts(["taken", nonce, visitor], taken.proof)) {
    throw new RefusedError("gate", stream.peer, "it doesn't know the secret");
  }
  return stream;
}
