/** A WebSocket server that shows what it gets. */
import type { Channel, Message } from "../../src/core/duplex.ts";
import { service } from "../support/transports.ts";
import { soon } from "../support/wait.ts";

/** A WebSocket server that keeps every message, sends `answers`, and then waits for the Close. */
export async function wsServer(answers: readonly Message[] = [], after = 0) {
  const got: Message[] = [];
  const over = Promise.withResolvers<Message[]>();
  const server = await service("ws://127.0.0.1:0", async (connection) => {
    const channel = connection as unknown as Channel;
    for (let next = await channel.receive(); next; next = await channel.receive()) {
      got.push({ ...next, data: next.data.slice() });
      if (got.length === after) { for (const answer of answers) await channel.send(answer); }
    }
    channel.close();
    await channel.closed;
    over.resolve(got);
  });
  return {
    address: server.addresses[0]!,
    got: () => soon(over.promise, "the end of the messages"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
