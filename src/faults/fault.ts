/** What a fault is: a wrapper of an end that treats what is sent there badly, and tells. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";

/** Told of each fault that is injected: its kind (`delay`, `drop`), and what was done. */
export type Emit = (kind: string, text: string) => void;

/** Stands between a sender and an end. Either method may wait, or reject to end the connection. */
interface Gate {
  /** Streams go through in pieces of at most this many bytes. */
  readonly piece?: number;
  /** Called before `size` bytes, a piece or a message, go through. */
  before(size: number): Promise<void> | void;
}

/** The same end, with what is sent to it going through `gate`. */
export function gated(connection: Connection, gate: Gate): Connection {
  return connection.framing === "stream"
    ? new GatedDuplex(connection, gate)
    : new GatedChannel(connection, gate);
}

class GatedDuplex extends DuplexWrapper {
  constructor(inner: Duplex, private readonly gate: Gate) {
    super(inner);
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const size = this.gate.piece ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      await this.gate.before(piece.length);
      await this.inner.write(piece);
    }
  }
}

class GatedChannel extends ChannelWrapper {
  constructor(inner: Channel, private readonly gate: Gate) {
    super(inner);
  }

  override async send(message: Message): Promise<void> {
    await this.gate.before(message.data.length);
    await this.inner.send(message);
  }
}
