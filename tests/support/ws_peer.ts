/** A WebSocket peer by hand, which sends each frame when a test says so, and answers nothing. */
import { soon } from "./wait.ts";
import { UPGRADE, upgradeFor } from "./websocket.ts";

const TEXT = 1;
const CLOSE = 8;

export class WsPeer implements Disposable {
  private constructor(private readonly conn: Deno.Conn, private readonly isServer: boolean) {}

  /** Connects to `ws://HOST:PORT`, as coax prints it. */
  static async connect(address: string): Promise<WsPeer> {
    const { hostname, port } = new URL(address.replace(/^ws/, "http"));
    const conn = await Deno.connect({ hostname, port: Number(port) });
    const peer = new WsPeer(conn, false);
    await peer.#write(new TextEncoder().encode(UPGRADE));
    await peer.#head();
    return peer;
  }

  /** Takes the next connection of `listener`. */
  static async accept(listener: Deno.Listener): Promise<WsPeer> {
    const peer = new WsPeer(await soon(listener.accept(), "a connection"), true);
    await peer.#write(await upgradeFor(await peer.#head()));
    return peer;
  }

  async send(text: string): Promise<void> {
    await this.#write(this.#frame(TEXT, new TextEncoder().encode(text)));
  }

  /** Sends a Close; without a code, an empty one. */
  async close(code?: number, reason = ""): Promise<void> {
    const content = code === undefined
      ? new Uint8Array()
      : Uint8Array.of(code >> 8, code, ...new TextEncoder().encode(reason));
    await this.#write(this.#frame(CLOSE, content));
  }

  /** The next frame: `text hello`, `Close 1001 gone`, `Close`; `end` for EOF or a reset. */
  async next(): Promise<string> {
    const header = await this.#read(2);
    if (!header) return "end";
    const [first, second] = header;
    const mask = this.isServer ? (await this.#read(4))! : new Uint8Array(4);
    const content = (await this.#read(second! & 127))!.map((byte, i) => byte ^ mask[i % 4]!);
    const isClose = (first! & 15) === CLOSE;
    const text = new TextDecoder().decode(isClose ? content.subarray(2) : content);
    if (!isClose) return `text ${text}`;
    return `Close ${content.length > 0 ? content[0]! << 8 | content[1]! : ""} ${text}`.trim();
  }

  /** What `next` gives up to a Close, which is among it, or to EOF. */
  async rest(): Promise<string[]> {
    const all = [];
    do all.push(await this.next()); while (!/^(Close|end)/.test(all.at(-1)!));
    return all;
  }

  [Symbol.dispose](): void {
    this.conn.close();
  }

  /** A client's mask may be all zeros (RFC 6455 §5.3). */
  #frame(opcode: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const mask = this.isServer ? [] : [0, 0, 0, 0];
    return Uint8Array.of(
      0x80 | opcode,
      content.length | (this.isServer ? 0 : 0x80),
      ...mask,
      ...content,
    );
  }

  async #head(): Promise<string> {
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += new TextDecoder().decode((await this.#read(1))!);
    return head;
  }

  /** Exactly `count` bytes; undefined at EOF or a reset. */
  async #read(count: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const read = await soon(this.conn.read(bytes.subarray(at)).catch(() => null), "a frame");
      if (read === null) return undefined;
      at += read;
    }
    return bytes;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.conn.write(bytes.subarray(at));
  }
}
