/** The client's job for UDP: sends numbered datagrams at a steady rate and counts the returned. */
import type { Job } from "./protocol.ts";

/** Time for the last datagrams to return, and for all attempts to reach the echo, milliseconds. */
const WAIT = 500;
/** Attempts to reach the echo. */
const ATTEMPTS = 20;

/** The least part of its rate that the sender has to reach. */
const LEAST = 0.75;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Counts the numbers that come back, each once. */
class Returns {
  #seen = new Uint8Array();
  count = 0;

  constructor(private readonly socket: Deno.DatagramConn) {
    this.#receive();
  }

  reset(numbers: number): void {
    this.#seen = new Uint8Array(numbers);
    this.count = 0;
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const [data] = await this.socket.receive(buffer);
        const number = new DataView(data.buffer, data.byteOffset).getUint32(0);
        if (this.#seen[number] !== 0) continue;
        this.#seen[number] = 1;
        this.count++;
      }
    } catch {
      // Closed at the end of the job.
    }
  }
}

/** Rejects if no echo answers, or if this process can't keep the rate up. */
export async function datagrams(job: Job & { job: "datagrams" }): Promise<number[]> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    return [await exchange(socket, new Returns(socket), job)];
  } finally {
    socket.close();
  }
}

async function exchange(
  socket: Deno.DatagramConn,
  returns: Returns,
  { port, size, perSecond, seconds }: Job & { job: "datagrams" },
): Promise<number> {
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);

  returns.reset(1);
  for (let attempt = 0; returns.count === 0; attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`no echo at UDP port ${port}`);
    await socket.send(bytes, to);
    await pause(WAIT / ATTEMPTS);
  }

  const total = perSecond * seconds;
  returns.reset(total);
  const start = performance.now();
  for (let sent = 0; sent < total; await pause(0)) {
    const due = Math.min(total, (performance.now() - start) / 1000 * perSecond);
    for (; sent < due; sent++) {
      view.setUint32(0, sent);
      await socket.send(bytes, to);
    }
  }
  const rate = total / (performance.now() - start) * 1000;
  if (rate < perSecond * LEAST) {
    throw new Error(`only ${Math.round(rate)} datagrams/s could be sent`);
  }
  await pause(WAIT);
  return returns.count / total * 100;
}
