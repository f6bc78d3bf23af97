/** The client's job in a chat room. */
import type { Job } from "./protocol.ts";

const LF = 0x0a;
/** Begins the lines that count; a room says other things, too. */
const MARK = 0x7e;
/** Silence that means that everyone has come in, milliseconds. */
const SETTLED = 300;

/** A member that counts the lines that it hears. */
class Member {
  heard = 0;
  last = performance.now();
  readonly #over: Promise<void>;

  constructor(readonly conn: Deno.Conn, private readonly progress: () => void) {
    this.#over = this.#listen();
  }

  async #listen(): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    for (let n; (n = await this.conn.read(buffer).catch(() => null)) !== null;) {
      this.last = performance.now();
      for (let at = 0; at < n; at++) if (buffer[at] === MARK) this.heard++;
      this.progress();
    }
  }

  async leave(): Promise<void> {
    this.conn.close();
    await this.#over;
  }
}

/** Some members speak, all others must hear every line; lines heard a second, of all together. */
export async function chat(
  { port, members, speakers, lines }: Job & { job: "chat" },
): Promise<number[]> {
  const done = Promise.withResolvers<void>();
  const everyone: Member[] = [];
  const hears = (who: number) => (speakers - (who < speakers ? 1 : 0)) * lines;
  const look = () => {
    if (everyone.every(({ heard }, who) => heard >= hears(who))) done.resolve();
  };
  for (let who = 0; who < members; who++) {
    everyone.push(new Member(await Deno.connect({ hostname: "127.0.0.1", port }), look));
  }
  while (everyone.some(({ last }) => performance.now() - last < SETTLED)) {
    await new Promise((resolve) => setTimeout(resolve, SETTLED / 3));
  }
  for (const member of everyone) member.heard = 0;
  const text = Uint8Array.of(MARK, ...new TextEncoder().encode("a line of an ordinary length"), LF);
  const start = performance.now();
  await Promise.all(
    everyone.slice(0, speakers).map(async ({ conn }) => {
      for (let line = 0; line < lines; line++) {
        for (let at = 0; at < text.length;) at += await conn.write(text.subarray(at));
      }
    }),
  );
  await done.promise;
  const seconds = (performance.now() - start) / 1000;
  const heard = everyone.reduce((sum, member) => sum + member.heard, 0);
  for (const member of everyone) await member.leave();
  return [heard / seconds];
}
