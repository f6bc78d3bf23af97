/** The client's job for UDP: sends numbered datagrams at a steady rate and counts the returned. */
import type { Job } from "./protocol.ts";
import { nap, SystemSocket } from "./system_socket.ts";

/** Time for the last datagrams to return, and for all attempts to reach the echo, milliseconds. */
const WAIT = 500;
/** Attempts to reach the echo. */
const ATTEMPTS = 20;
/** Time between two looks at what is due and what has come, milliseconds. */
const BEAT = 0.1;
/** The least part of its rate that the sender has to reach. */
const LEAST = 0.75;

/** Counts the numbers that come back, each once. */
class Returns {
  readonly #seen: Uint8Array;
  readonly #buffer = new Uint8Array(65_536);
  readonly #view = new DataView(this.#buffer.buffer);
  count = 0;

  constructor(private readonly socket: SystemSocket, numbers: number) {
    this.#seen = new Uint8Array(numbers);
  }

  /** Takes what has come so far. */
  collect(): void {
    while (this.socket.receiveNow(this.#buffer)) {
      const number = this.#view.getUint32(0);
      if (this.#seen[number] !== 0) continue;
      this.#seen[number] = 1;
      this.count++;
    }
  }

  /** Takes what comes within `ms` milliseconds. */
  collectFor(ms: number): void {
    for (const end = performance.now() + ms; performance.now() < end; nap(BEAT)) this.collect();
  }
}

/** Rejects if no echo answers, or if this process can't keep the rate up. */
export function datagrams(
  { port, size, perSecond, seconds }: Job & { job: "datagrams" },
): Promise<number[]> {
  using socket = new SystemSocket("datagram", port);
  reach(socket, size, port);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const total = perSecond * seconds;
  const returns = new Returns(socket, total);
  const start = performance.now();
  for (let sent = 0; sent < total; nap(BEAT)) {
    const due = Math.min(total, (performance.now() - start) / 1000 * perSecond);
    for (; sent < due; sent++) {
      view.setUint32(0, sent);
      socket.send(bytes);
    }
    returns.collect();
  }
  const rate = total / (performance.now() - start) * 1000;
  if (rate < perSecond * LEAST) {
    throw new Error(`only ${Math.round(rate)} datagrams/s could be sent`);
  }
  returns.collectFor(WAIT);
  return Promise.resolve([returns.count / total * 100]);
}

/** Waits until the echo answers, and for the last answer. */
function reach(socket: SystemSocket, size: number, port: number): void {
  const answers = new Returns(socket, 1);
  for (let attempt = 0; answers.count === 0; attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`no echo at UDP port ${port}`);
    socket.send(new Uint8Array(size));
    answers.collectFor(WAIT / ATTEMPTS);
  }
  answers.collectFor(WAIT / ATTEMPTS);
}
