/** Echo servers in memory: correct ones, and ones with a fault each. */
import { concat } from "../../src/core/bytes.ts";
import type { Channel, Duplex, Message } from "../../src/core/duplex.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { BoundedQueue } from "../../src/core/queue.ts";
import type { Settings } from "../../src/bench/settings.ts";

export const SETTINGS: Settings = {
  duration: 60,
  connections: 1,
  size: 1000,
  lossy: false,
  answerTimeout: 5000,
};

/** Changes the answer to a piece of `SETTINGS.size` bytes; pieces count from 0. */
export type Habit = (piece: Uint8Array, index: number) => readonly Uint8Array[];

export const honest: Habit = (piece) => [piece];
export const corrupting: Habit = (piece, index) => {
  const changed = piece.slice();
  if (index === 3) changed[500]! ^= 1;
  return [changed];
};
export const losing: Habit = (piece, index) => index === 3 ? [] : [piece];
export const repeating: Habit = (piece, index) => index === 3 ? [piece, piece] : [piece];
export const mute: Habit = () => [];

/** Exchanges the fourth and the fifth. */
export function swapping(): Habit {
  let held: Uint8Array = new Uint8Array();
  return (piece, index) => {
    if (index === 3) held = piece.slice();
    return index === 3 ? [] : index === 4 ? [piece, held] : [piece];
  };
}

/** A stream to an echo with that habit; it closes after our EOF unless `endless`. */
export function streamEcho(habit: Habit, endless = false): Duplex {
  const [client, target] = memoryPair();
  const serve = async () => {
    const buffer = new Uint8Array(SETTINGS.size);
    for (let index = 0;; index++) {
      let length = 0;
      while (length < buffer.length) {
        const count = await target.read(buffer.subarray(length));
        if (count === null) return endless ? undefined : await target.closeWrite();
        length += count;
      }
      await target.write(concat(habit(buffer, index)));
    }
  };
  serve().catch(() => {}); // The client has closed.
  return client;
}

/** The same for messages. */
export function messageEcho(habit: Habit): Channel {
  const answers = new BoundedQueue<Message>({ count: Infinity });
  const closed = Promise.withResolvers<Error | void>();
  let index = 0;
  let over = false;
  return {
    framing: "message",
    halfClose: false,
    peer: "echo",
    closed: closed.promise,
    receive: () => answers.next(),
    async send({ data }) {
      await new Promise((resolve) => setTimeout(resolve)); // Asynchronously, as a socket does.
      if (over) throw new BrokenError("send to", "echo", "already closed");
      for (const answer of habit(data.slice(), index++)) answers.push({ data: answer });
    },
    closeWrite: () => Promise.resolve(),
    close(reason) {
      over = true;
      answers.close(reason);
      closed.resolve(reason);
    },
  };
}
