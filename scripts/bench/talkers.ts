/** The client's job for a chat room. */
import type { Job } from "./protocol.ts";

/** The first byte of the lines that count; a room sends other lines, too. */
const MARK = 0x7e;
/** Time without a line after which everyone has joined, milliseconds. */
const SETTLED = 800;

/** A member that counts received bytes, and with `countsLines` lines. */
class Member {
  bytes = 0;
  lines = 0;
  last = performance.now();
  readonly #finished: Promise<void>;

  constructor(
    readonly conn: Deno.Conn,
    readonly countsLines: boolean,
    private readonly progress: () => void,
  ) {
    this.#finished = this.#receive();
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    for (let n; (n = await this.conn.read(buffer).catch(() => null)) !== null;) {
      this.last = performance.now();
      this.bytes += n;
      if (this.countsLines) this.#count(buffer.subarray(0, n));
      this.progress();
    }
  }

  /** Counts marks by `indexOf`: a loop over bytes would favour the room with shorter lines. */
  #count(bytes: Uint8Array): void {
    for (let at = 0; (at = bytes.indexOf(MARK, at) + 1) > 0;) this.lines++;
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
  }

  async leave(): Promise<void> {
    this.conn.close();
    await this.#finished;
  }
}

/** Waits until nobody has heard anything for a while. */
async function silence(members: readonly Member[]): Promise<void> {
  while (members.some(({ last }) => performance.now() - last < SETTLED)) {
    await new Promise((resolve) => setTimeout(resolve, SETTLED / 3));
  }
}

/** Those who have come to stay, in any room. */
const residents: Member[] = [];

/** Members who join one after the other; waits until everyone in all rooms has heard of it. */
export async function join(
  { port, count, stay }: Job & { job: "join" },
): Promise<number[]> {
  const newcomers: Member[] = [];
  for (let i = 0; i < count; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    newcomers.push(new Member(conn, false, () => {}));
  }
  await silence([...residents, ...newcomers]);
  if (stay) residents.push(...newcomers);
  else for (const member of newcomers) await member.leave();
  return [];
}

/**
 * Speakers send lines, which all others must receive; measures lines received a second by all
 * together. Counting every member's lines would take longer than a broker takes to send them, so
 * only the speakers and one silent member, the witness, count lines. All other silent members must
 * have received as many bytes as the witness.
 */
export async function chat(
  { port, members, speakers, lines, flood }: Job & { job: "chat" },
): Promise<number[]> {
  let done = Promise.withResolvers<void>();
  let sent = 0;
  const everyone: Member[] = [];
  const witness = members - 1;
  const expectedLines = (index: number) => (speakers - (index < speakers ? 1 : 0)) * sent;
  const hasAll = (member: Member, index: number) =>
    member.countsLines
      ? member.lines === expectedLines(index)
      : member.bytes === everyone[witness]!.bytes;
  const checkComplete = () => {
    if (everyone[witness]?.lines === expectedLines(witness) && everyone.every(hasAll)) {
      done.resolve();
    }
  };
  for (let index = 0; index < members; index++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    everyone.push(new Member(conn, index < speakers || index === witness, checkComplete));
  }
  await silence(everyone);
  for (const member of everyone) member.bytes = member.lines = 0;
  const line = String.fromCharCode(MARK) + "a line of an ordinary length\n";
  const start = performance.now();
  for (const count of flood ? [lines] : Array(lines).fill(1)) {
    done = Promise.withResolvers();
    sent += count;
    const bytes = new TextEncoder().encode(line.repeat(count));
    await Promise.all(everyone.slice(0, speakers).map((member) => member.send(bytes)));
    await done.promise;
  }
  const seconds = (performance.now() - start) / 1000;
  for (const member of everyone) await member.leave();
  return [everyone.reduce((sum, _, index) => sum + expectedLines(index), 0) / seconds];
}
