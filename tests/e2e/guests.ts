/** Members of a room on a coax process, over TCP or a Unix socket. */
import { until } from "../support/wait.ts";
import { connectTo, send, soon } from "./peers.ts";

export class Guest implements Disposable {
  /** Every line that it has received. */
  readonly lines: string[] = [];
  /** Whether the connection is closed. */
  gone = false;
  readonly #ended: Promise<void>;

  private constructor(private readonly conn: Deno.Conn) {
    this.#ended = this.#read();
  }

  /** Joins and waits for the welcome; its name is in the first line. */
  static async join(address: string): Promise<Guest> {
    const guest = new Guest(await connectTo(address));
    await guest.sees(/welcome to/);
    return guest;
  }

  /** The members' lines, without those of the room itself. */
  get memberLines(): string[] {
    return this.lines.filter((line) => line.startsWith("["));
  }

  async type(text: string): Promise<void> {
    await send(this.conn, text + "\n");
  }

  /** Waits for a line that matches. */
  async sees(pattern: RegExp, ms?: number): Promise<string> {
    const find = () => this.lines.find((line) => pattern.test(line));
    await until(
      () => find() !== undefined,
      `${pattern} in ${this.lines.slice(-20).join("\n")}`,
      ms,
    );
    return find()!;
  }

  /** Waits for the room to close the connection. */
  async ended(): Promise<void> {
    await soon(this.#ended, "the end of a guest's connection");
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(64 * 1024);
    let rest = "";
    try {
      for (let n = await this.conn.read(buffer); n !== null; n = await this.conn.read(buffer)) {
        const pieces = (rest + decoder.decode(buffer.subarray(0, n), { stream: true })).split("\n");
        rest = pieces.pop()!;
        for (const piece of pieces) this.lines.push(piece);
      }
    } catch {
      // Closed by the test, or its process was killed.
    }
    this.gone = true;
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // Gone already.
    }
  }
}
