/** The client's job for WebSocket echoes. */
import type { Job } from "./protocol.ts";
import { WebSocketClient } from "./web_socket_client.ts";

/** Rounds over all connections between two looks at the clock. */
const STRIDE = 16;

/** Sends a message over each connection once the last is back. Rejects if one is changed. */
export function webSocketEchoes(
  { port, size, connections, seconds, deflate }: Job & { job: "webSocketEchoes" },
): Promise<number[]> {
  using stack = new DisposableStack();
  const message = messageOf(size);
  const clients = Array.from(
    { length: connections },
    () => stack.use(new WebSocketClient(port, message, deflate)),
  );
  for (const client of clients) client.checkEcho();
  for (const client of clients) client.send();
  const start = performance.now();
  let rounds = 0;
  let elapsed = 0;
  while (elapsed < seconds * 1000) {
    for (let i = 0; i < STRIDE; i++) {
      for (const client of clients) {
        client.receive();
        client.send();
      }
    }
    rounds += STRIDE;
    elapsed = performance.now() - start;
  }
  for (const client of clients) client.receive();
  return Promise.resolve([rounds * connections / elapsed * 1000]);
}

/** Text that compresses as what programs tell each other does. */
function messageOf(size: number): Uint8Array {
  let text = "";
  for (let i = 0; text.length < size; i++) {
    text += JSON.stringify({ id: i, time: 1_700_000_000 + i * 7919 % 10_007, text: "a message" });
  }
  return new TextEncoder().encode(text.slice(0, size));
}
