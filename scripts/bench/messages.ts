/** The client's job for WebSocket messages. */
import type { Job } from "./protocol.ts";

/** The most bytes that are buffered in the client. */
const WINDOW = 1024 * 1024;

/** Sends messages to a counter behind a relay until it has received all; MB/s. */
export async function messages(
  { port, bytes, size }: Job & { job: "messages" },
): Promise<number[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.binaryType = "arraybuffer";
  const over = Promise.withResolvers<void>();
  socket.onerror = () => over.reject(new Error("the WebSocket failed"));
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    over.promise.catch(reject);
  });
  socket.onmessage = () => over.resolve();
  const message = new Uint8Array(size).fill(0x2a);
  const count = Math.floor(bytes / size);
  const start = performance.now();
  const announced = new Uint8Array(8);
  new DataView(announced.buffer).setBigUint64(0, BigInt(count * size));
  socket.send(announced);
  for (let i = 0; i < count; i++) {
    socket.send(message);
    while (socket.bufferedAmount > WINDOW) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await over.promise;
  const seconds = (performance.now() - start) / 1000;
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  return [count * size / 1e6 / seconds];
}
