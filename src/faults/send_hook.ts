/** The parts of a fault: a wrapper that disturbs what is sent, and reports each disturbance. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";

/** Reports an injected fault: its event (`delay`, `drop`), and what was done. */
export type Emit = (event: string, text: string) => void;

/** Runs before bytes or messages are sent. */
interface SendHook {
  /** Streams are sent in pieces of at most this many bytes. */
  readonly piece?: number;
  /**
   * Runs before `size` bytes, a piece or a message. May wait, or reject to close the connection.
   */
  before(size: number): Promise<void> | void;
}

/** The same connection, with `hook` before what is sent to it. */
export function withSendHook(connection: Connection, hook: SendHook): Connection {
  return connection.framing === "stream"
    ? new HookedDuplex(connection, hook)
    : new HookedChannel(connection, hook);
}

class HookedDuplex extends DuplexWrapper {
  constructor(inner: Duplex, private readonly hook: SendHook) {
    super(inner);
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const size = this.hook.piece ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      await this.hook.before(piece.length);
      await this.inner.write(piece);
    }
  }
}

class HookedChannel extends ChannelWrapper {
  constructor(inner: Channel, private readonly hook: SendHook) {
    super(inner);
  }

  override async send(message: Message): Promise<void> {
    await this.hook.before(message.data.length);
    await this.inner.send(message);
  }
}
