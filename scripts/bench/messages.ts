/** The client's job with WebSocket messages. */
import type { Job } from "./protocol.ts";

/** Messages under way at once. */
const WINDOW = 16;

/** Sends messages to an echo behind a relay and counts what comes back; MB/s. */
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
  const message = new Uint8Array(size).fill(0x2a);
  const total = Math.floor(bytes / size) * size;
  let sent = 0;
  let received = 0;
  const fill = () => {
    for (; sent < total && sent - received < WINDOW * size; sent += size) socket.send(message);
  };
  // An echo of bytes keeps no borders: only their number counts.
  socket.onmessage = ({ data }) => {
    received += (data as ArrayBuffer).byteLength;
    if (received >= total) over.resolve();
    else fill();
  };
  const start = performance.now();
  fill();
  await over.promise;
  const seconds = (performance.now() - start) / 1000;
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  if (received !== total) throw new Error(`${received} of ${total} bytes came back`);
  return [total / 1e6 / seconds];
}
