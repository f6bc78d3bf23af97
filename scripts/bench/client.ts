/** The client of every measurement: runs the jobs that come on stdin, one after the other. */
import { burst } from "./burst.ts";
import { datagrams } from "./datagrams.ts";
import { messages } from "./messages.ts";
import type { Job } from "./protocol.ts";
import { chat, join } from "./talkers.ts";
import { webSocketEchoes } from "./web_socket_echoes.ts";

const hostname = "127.0.0.1";
const CHUNK = new Uint8Array(1024 * 1024).map((_, i) => i);
const MESSAGE = new Uint8Array(64).fill(0x2a);

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Fills `buffer`. Rejects at EOF. */
async function readFull(conn: Deno.Conn, buffer: Uint8Array): Promise<void> {
  for (let at = 0; at < buffer.length;) {
    const count = await conn.read(buffer.subarray(at));
    if (count === null) throw new Error(`lost ${buffer.length - at} of ${buffer.length} bytes`);
    at += count;
  }
}

async function upload(conn: Deno.Conn, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= CHUNK.length) {
    await writeAll(conn, left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK);
  }
  await conn.closeWrite();
  const answer = new Uint8Array(8);
  await readFull(conn, answer);
  const arrived = Number(new DataView(answer.buffer).getBigUint64(0));
  if (arrived !== bytes) throw new Error(`${arrived} of ${bytes} bytes arrived`);
}

async function stream(
  { port, bytes, connections, ca }: Job & { job: "stream" },
): Promise<number[]> {
  const open = Array.from(
    { length: connections },
    (): Promise<Deno.Conn> =>
      ca ? Deno.connectTls({ hostname, port, caCerts: [ca] }) : Deno.connect({ hostname, port }),
  );
  const conns = await Promise.all(open);
  const each = Math.floor(bytes / connections);
  const start = performance.now();
  await Promise.all(conns.map((conn) => upload(conn, each)));
  const seconds = (performance.now() - start) / 1000;
  for (const conn of conns) conn.close();
  return [each * connections / 1e6 / seconds];
}

async function rtt({ port, count, connections }: Job & { job: "rtt" }): Promise<number[]> {
  const open = Array.from({ length: connections }, () => Deno.connect({ hostname, port }));
  const conns = await Promise.all(open);
  const times = new Float64Array(count);
  let next = 0;
  await Promise.all(conns.map(async (conn) => {
    conn.setNoDelay(true);
    const buffer = new Uint8Array(MESSAGE.length);
    while (next < count) {
      const i = next++;
      const start = performance.now();
      await writeAll(conn, MESSAGE);
      await readFull(conn, buffer);
      times[i] = (performance.now() - start) * 1000;
    }
    conn.close();
  }));
  times.sort();
  return [times[Math.floor(count * 0.5)]!, times[Math.floor(count * 0.99)]!];
}

/** Time for a listener to start, milliseconds. */
const START_LIMIT = 10_000;

/** Connects to a program that has just been started, as soon as it listens. */
async function connectSoon(port: number): Promise<Deno.TcpConn> {
  for (const deadline = performance.now() + START_LIMIT;;) {
    try {
      return await Deno.connect({ hostname, port });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

async function send({ port, bytes }: Job & { job: "send" }): Promise<number[]> {
  using conn = await connectSoon(port);
  const start = performance.now();
  for (let left = bytes; left > 0; left -= CHUNK.length) {
    await writeAll(conn, left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK);
  }
  await conn.closeWrite();
  while (await conn.read(new Uint8Array(64)) !== null);
  return [bytes / 1e3 / (performance.now() - start)];
}

let held: Deno.Conn[] = [];

async function hold({ port, count, exchange }: Job & { job: "hold" }): Promise<number[]> {
  const buffer = new Uint8Array(1);
  for (let i = 0; i < count; i++) {
    const conn = await connectSoon(port);
    held.push(conn);
    if (!exchange) continue;
    await writeAll(conn, buffer);
    await readFull(conn, buffer);
  }
  return [count];
}

function release(): Promise<number[]> {
  for (const conn of held) conn.close();
  held = [];
  return Promise.resolve([]);
}

function work(job: Job): Promise<number[]> {
  switch (job.job) {
    case "stream":
      return stream(job);
    case "messages":
      return messages(job);
    case "chat":
      return chat(job);
    case "burst":
      return burst(job);
    case "rtt":
      return rtt(job);
    case "send":
      return send(job);
    case "datagrams":
      return datagrams(job);
    case "join":
      return join(job);
    case "webSocketEchoes":
      return webSocketEchoes(job);
    case "hold":
      return hold(job);
    case "release":
      return release();
  }
}

/** The line of a job. Lines are short and come one at a time, so each read is one line. */
const line = new Uint8Array(4096);
for (let count; (count = await Deno.stdin.read(line)) !== null;) {
  const job: Job = JSON.parse(new TextDecoder().decode(line.subarray(0, count)));
  const answer = await Promise.try(() => work(job)).then(
    (values) => ({ values }),
    (error) => ({ error: `${error}` }),
  );
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(answer) + "\n"));
}
// What is still open waits for its peer.
Deno.exit(0);
