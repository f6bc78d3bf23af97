/** A WebSocket of a server that waits with its answer for what the answer depends on. */
import type { Channel, Close, Duplex, Message, PendingUpgrade } from "../core/duplex.ts";
import type { WebSocketChannel } from "./channel.ts";

interface PendingOptions {
  /** Path and query, and the subprotocol that is spoken if nobody else chooses one. */
  readonly request: { readonly path: string; readonly protocol?: string };
  /** What the client asks for. */
  readonly asked: Pick<PendingUpgrade, "protocols" | "headers">;
  /** Switches protocols. */
  readonly switchTo: (protocol: string | undefined) => Promise<WebSocketChannel>;
  /** Answers without an upgrade, and closes the stream. */
  readonly refuse: PendingUpgrade["refuse"];
}

/** A channel once it is accepted; until then it can only be accepted, refused or closed. */
export class PendingChannel implements Channel {
  readonly framing = "message";
  readonly typed = true;
  readonly halfClose = false;
  readonly showsReset = true;
  readonly closed: Promise<Error | void>;
  readonly upgrade: PendingUpgrade;
  readonly #closed = Promise.withResolvers<Error | void>();
  #channel: WebSocketChannel | undefined;

  constructor(private readonly stream: Duplex, private readonly options: PendingOptions) {
    this.closed = this.#closed.promise;
    this.closed.catch(() => {}); // A caller may never await it.
    const accept = async (protocol = options.request.protocol) => {
      this.#channel = await options.switchTo(protocol);
      this.#channel.closed.then(this.#closed.resolve, this.#closed.reject);
    };
    this.upgrade = { ...options.asked, accept, refuse: options.refuse };
  }

  get peer(): string {
    return this.stream.peer;
  }
  get local(): string | undefined {
    return this.stream.local;
  }
  get request(): NonNullable<Channel["request"]> {
    return this.#channel?.request ?? this.options.request;
  }
  get unsent(): number | undefined {
    return this.stream.unsent;
  }
  get partialAt(): number | undefined {
    return this.#channel?.partialAt;
  }
  get closeCode(): number | undefined {
    return this.#channel?.closeCode;
  }
  get peerClose(): Channel["peerClose"] {
    return this.#channel?.peerClose;
  }

  async receive(): Promise<Message | null> {
    return await this.#accepted.receive();
  }

  async send(message: Message): Promise<void> {
    await this.#accepted.send(message);
  }

  async closeWrite(): Promise<void> {
    await this.#accepted.closeWrite();
  }

  close(reason?: Error): void {
    if (this.#channel) return this.#channel.close(reason);
    this.stream.close(reason);
    this.#closed.resolve(reason);
  }

  closeWith(close: Close): void {
    this.#channel?.closeWith(close);
  }

  get #accepted(): WebSocketChannel {
    if (!this.#channel) throw new TypeError("the handshake hasn't been answered yet");
    return this.#channel;
  }
}
