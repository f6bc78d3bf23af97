/** A WebSocket on a TLS peer, so that a test sees how the TLS below it ends. */
import { acceptFor } from "../../src/ws/key.ts";
import type { Ending, TlsPeer } from "./tls_peer.ts";
import { UPGRADE } from "./websocket.ts";

const ANSWER = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/** A minimal WebSocket whose TLS connection can be examined. */
export class WssPeer {
  constructor(private readonly tls: TlsPeer, private readonly isServer: boolean) {}

  /** Does the handshake as a client. */
  static async ask(tls: TlsPeer): Promise<WssPeer> {
    await tls.send(UPGRADE);
    await takeHead(tls);
    return new WssPeer(tls, false);
  }

  /** Does the handshake as a server. */
  static async answer(tls: TlsPeer): Promise<WssPeer> {
    const [, key] = /Sec-WebSocket-Key: (.*)\r/i.exec(await takeHead(tls))!;
    await tls.send(`${ANSWER}Sec-WebSocket-Accept: ${await acceptFor(key!)}\r\n\r\n`);
    return new WssPeer(tls, true);
  }

  async send(text: string): Promise<void> {
    await this.#frame(1, new TextEncoder().encode(text));
  }

  /** Sends Close 1000. */
  async close(): Promise<void> {
    await this.#frame(8, new Uint8Array([3, 232]));
  }

  /** Reads until Close, answers it if asked to, and returns how TLS ends after it. */
  async ending({ answers }: { answers: boolean }): Promise<Ending> {
    while (await this.#opcode() !== 8);
    if (answers) await this.close();
    if (this.isServer) await this.tls.end();
    return await this.tls.ending();
  }

  async #opcode(): Promise<number> {
    const [first, second] = await this.tls.take(2);
    await this.tls.take((second! & 127) + (this.isServer ? 4 : 0));
    return first! & 15;
  }

  /** A client's mask may be all zeros (RFC 6455 §5.3). */
  async #frame(opcode: number, data: Uint8Array): Promise<void> {
    const mask = this.isServer ? [] : [0, 0, 0, 0];
    const length = data.length | (this.isServer ? 0 : 128);
    await this.tls.send(new Uint8Array([128 | opcode, length, ...mask, ...data]));
  }
}

/** Reads an HTTP head, a byte at a time, so that nothing behind it is consumed. */
async function takeHead(tls: TlsPeer): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) head += new TextDecoder().decode(await tls.take(1));
  return head;
}
