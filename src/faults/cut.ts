/** `--cut-after` and `--reset-after`: a connection that ends in mid-stream. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { FaultError } from "../core/errors.ts";
import { ResetFaultError } from "../core/resets.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";
import type { Emit } from "./fault.ts";

/** How the connection is made to end. */
interface Cut {
  readonly kind: "cut-after" | "reset-after";
  /** Bytes that may be sent to the end before. A message that would exceed them isn't sent. */
  readonly size: number;
}

/** Lets `size` bytes through to `end`, then fails, which ends both sides of the connection. */
export function cut(connection: Connection, cut: Cut, tell: Emit): Connection {
  return connection.framing === "stream"
    ? new CutDuplex(connection, cut, tell)
    : new CutChannel(connection, cut, tell);
}

/** Counts down, and knows how to end it. */
class Remaining {
  constructor(
    private readonly connection: Connection,
    private readonly cut: Cut,
    private readonly tell: Emit,
    public bytes: number = cut.size,
  ) {}

  over(): FaultError {
    const { kind, size } = this.cut;
    const resets = kind === "reset-after";
    const seen = resets && !this.connection.showsReset
      ? "; no reset can be sent there, the peer sees a plain end"
      : "";
    const { peer } = this.connection;
    const text = `ended after ${size} bytes to ${peer}${seen}`;
    this.tell(kind, text);
    return new (resets ? ResetFaultError : FaultError)(kind, peer, `fault injected: ${text}`);
  }
}

class CutDuplex extends DuplexWrapper {
  readonly #left: Remaining;

  constructor(inner: Duplex, cut: Cut, tell: Emit) {
    super(inner);
    this.#left = new Remaining(inner, cut, tell);
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const allowed = bytes.subarray(0, this.#left.bytes);
    if (allowed.length > 0) await this.inner.write(allowed);
    this.#left.bytes -= allowed.length;
    if (this.#left.bytes === 0) throw this.#left.over();
  }
}

class CutChannel extends ChannelWrapper {
  readonly #left: Remaining;

  constructor(inner: Channel, cut: Cut, tell: Emit) {
    super(inner);
    this.#left = new Remaining(inner, cut, tell);
  }

  override async send(message: Message): Promise<void> {
    if (message.data.length > this.#left.bytes) throw this.#left.over();
    this.#left.bytes -= message.data.length;
    await this.inner.send(message);
  }
}
