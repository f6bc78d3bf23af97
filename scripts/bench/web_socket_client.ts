/** A WebSocket client (RFC 6455) that sends one message, over and over, at little cost. */
import { Deflate } from "../../src/ws/deflate.ts";
import {
  BINARY,
  CLOSE,
  COMPRESSED,
  headerSize,
  parseLength,
  parseStart,
  TEXT,
  writeHeader,
} from "../../src/ws/header.ts";
import { applyMask } from "../../src/ws/mask.ts";
import { SystemSocket } from "./system_socket.ts";

/** Each message begins anew, on both sides, so that it is the same bytes each time. */
const OFFER = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; " +
  "client_no_context_takeover\r\n";

/** Bytes from which both servers compress an answer. */
const WORTH_COMPRESSING = 1024;

/** Any key will do: proxies, from which keys protect (§10.3), are not on the way. */
const KEY = 0x2a2a2a2a;

interface Answer {
  readonly compressed: boolean;
  readonly payload: Uint8Array;
}

export class WebSocketClient implements Disposable {
  readonly #socket: SystemSocket;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #frame: Uint8Array<ArrayBuffer>;
  readonly #deflate: Deflate | undefined;

  /** Connects, with permessage-deflate or without. Throws if the server doesn't agree. */
  constructor(port: number, private readonly message: Uint8Array, deflate: boolean) {
    this.#socket = new SystemSocket("stream", port);
    this.#deflate = deflate ? new Deflate({ maxMessage: message.length }) : undefined;
    this.#buffer = new Uint8Array(message.length + 1024);
    const payload = this.#deflate?.compress(message) ?? message;
    this.#frame = frameOf(deflate ? TEXT | COMPRESSED : BINARY, payload);
    this.#shakeHands(port, deflate);
  }

  #shakeHands(port: number, deflate: boolean): void {
    const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
      `Sec-WebSocket-Version: 13\r\n${deflate ? OFFER : ""}\r\n`;
    this.#socket.send(new TextEncoder().encode(request));
    let answer = "";
    while (!answer.endsWith("\r\n\r\n")) answer += new TextDecoder().decode(this.#receiveMore(0));
    const agreed = /^sec-websocket-extensions: *permessage-deflate/im.test(answer);
    if (!answer.startsWith("HTTP/1.1 101 ") || agreed !== deflate) {
      throw new Error(`a WebSocket server answered ${JSON.stringify(answer)}`);
    }
  }

  /** Sends the message, or the binary `other`. */
  send(other?: Uint8Array): void {
    const frame = other ? frameOf(BINARY, other) : this.#frame;
    if (!this.#socket.send(frame)) throw new Error("a WebSocket message was not taken");
  }

  /** Waits for the whole answer, one frame; its payload is valid until the next. */
  receive(): Answer {
    const buffer = this.#buffer;
    let filled = 0;
    const fill = (end: number) => {
      while (filled < end) filled += this.#receiveMore(filled).length;
    };
    fill(2);
    const rules = { masked: false, deflate: this.#deflate !== undefined, inMessage: false };
    const header = parseStart(buffer[0]!, buffer[1]!, rules);
    fill(header.size);
    const end = header.size + parseLength(buffer);
    if (!header.fin || end > buffer.length) throw new Error("a WebSocket message grew");
    fill(end);
    return { compressed: header.compressed, payload: buffer.subarray(header.size, end) };
  }

  /** Throws if the server doesn't send the message back, or compressed otherwise than it should. */
  checkEcho(): void {
    this.send();
    const { compressed, payload } = this.receive();
    const message = compressed ? this.#deflate!.inflate(payload) : payload;
    const sent = new TextDecoder().decode(this.message);
    if (new TextDecoder().decode(message) !== sent) throw new Error("a message was changed");
    const compresses = this.#deflate !== undefined && message.length >= WORTH_COMPRESSING;
    if (compressed !== compresses) throw new Error("a message wasn't compressed as expected");
  }

  /** Bytes that come into the buffer at `offset`. */
  #receiveMore(offset: number): Uint8Array {
    const room = this.#buffer.subarray(offset);
    const count = this.#socket.receive(room);
    if (count === 0) throw new Error("a WebSocket server hung up");
    return room.subarray(0, count);
  }

  /** Closes as a client has to (§7.1.1): the server hangs up. */
  [Symbol.dispose](): void {
    this.#socket.send(frameOf(CLOSE, new Uint8Array()));
    while (this.#socket.receive(this.#buffer) > 0);
    this.#socket[Symbol.dispose]();
  }
}

function frameOf(rsvAndOpcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const frame = new Uint8Array(headerSize(length, true) + length);
  const offset = writeHeader(frame, 0, { rsvAndOpcode, length, key: KEY });
  frame.set(payload, offset);
  applyMask(frame.subarray(offset), KEY);
  return frame;
}
