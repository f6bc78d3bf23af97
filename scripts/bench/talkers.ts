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
      const bytes = buffer.subarray(0, n);
      // Not byte by byte: it would measure who has the shorter lines.
      for (let at = 0; (at = bytes.indexOf(MARK, at) + 1) > 0;) this.heard++;
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
  { port, members, speakers, lines, flood }: Job & { job: "chat" },
): Promise<number[]> {
  let done = Promise.withResolvers<void>();
  let said = 0;
  const everyone: Member[] = [];
  const hears = (who: number) => (speakers - (who < speakers ? 1 : 0)) * said;
  const look = () => {
    if (everyone.every(({ heard }, who) => heard >= hears(who))) done.resolve();
  };
  for (let who = 0; who < members; who++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    everyone.push(new Member(conn, look));
  }
  while (everyone.some(({ last }) => performance.now() - last < SETTLED)) {
    await new Promise((resolve) => setTimeout(resolve, SETTLED / 3));
  }
  for (const member of everyone) member.heard = 0;
  const text = Uint8Array.of(MARK, ...new TextEncoder().encode("a line of an ordinary length"), LF);
  const start = performance.now();
  const say = async ({ conn }: Member, count: number) => {
    for (let line = 0; line < count; line++) {
      for (let at = 0; at < text.length;) at += await conn.write(text.subarray(at));
    }
  };
  for (const count of flood ? [lines] : Array(lines).fill(1)) {
    done = Promise.withResolvers();
    said += count;
    await Promise.all(everyone.slice(0, speakers).map((member) => say(member, count)));
    await done.promise;
  }
  const seconds = (performance.now() - start) / 1000;
  const heard = everyone.reduce((sum, member) => sum + member.heard, 0);
  for (const member of everyone) await member.leave();
  return [heard / seconds];
}
