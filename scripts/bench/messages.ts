/** The client's job for WebSocket messages. */
import type { Job } from "./protocol.ts";
import { WebSocketClient } from "./web_socket_client.ts";

/** Sends messages to a counter behind a relay until it has received all; MB/s. */
export function messages(
  { port, bytes, size }: Job & { job: "messages" },
): Promise<number[]> {
  using client = new WebSocketClient(port, new Uint8Array(size).fill(0x2a), false);
  const count = Math.floor(bytes / size);
  const start = performance.now();
  const announced = new Uint8Array(8);
  new DataView(announced.buffer).setBigUint64(0, BigInt(count * size));
  client.send(announced);
  for (let i = 0; i < count; i++) client.send();
  client.receive();
  const seconds = (performance.now() - start) / 1000;
  return Promise.resolve([count * size / 1e6 / seconds]);
}
