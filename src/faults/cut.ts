/** `--cut-after` and `--reset-after`: a connection that closes in mid-stream. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { FaultError } from "../core/errors.ts";
import { ResetFaultError } from "../core/resets.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";
import type { Emit } from "./send_hook.ts";

/** When and how the connection is closed. */
interface CutOptions {
  readonly kind: "cut-after" | "reset-after";
  /** Bytes to send before. A message that would exceed them isn't sent. */
  readonly size: number;
}

/** Sends `size` bytes to `connection`, then fails, which closes both connections of a pair. */
export function cut(connection: Connection, options: CutOptions, emit: Emit): Connection {
  return connection.framing === "stream"
    ? new CutDuplex(connection, options, emit)
    : new CutChannel(connection, options, emit);
}

/** Counts the bytes left, and makes the error once there are none. */
class CutBudget {
  constructor(
    private readonly connection: Connection,
    private readonly options: CutOptions,
    private readonly emit: Emit,
    public bytes: number = options.size,
  ) {}

  fail(): FaultError {
    const { kind, size } = this.options;
    const resets = kind === "reset-after";
    const note = resets && !this.connection.showsReset
      ? "; no reset can be sent there, the peer sees a plain end"
      : "";
    const { peer } = this.connection;
    const text = `ended after ${size} bytes to ${peer}${note}`;
    this.emit(kind, text);
    return new (resets ? ResetFaultError : FaultError)(kind, peer, `fault injected: ${text}`);
  }
}

class CutDuplex extends DuplexWrapper {
  readonly #budget: CutBudget;

  constructor(inner: Duplex, options: CutOptions, emit: Emit) {
    super(inner);
    this.#budget = new CutBudget(inner, options, emit);
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const allowed = bytes.subarray(0, this.#budget.bytes);
    if (allowed.length > 0) await this.inner.write(allowed);
    this.#budget.bytes -= allowed.length;
    if (this.#budget.bytes === 0) throw this.#budget.fail();
  }
}

class CutChannel extends ChannelWrapper {
  readonly #budget: CutBudget;

  constructor(inner: Channel, options: CutOptions, emit: Emit) {
    super(inner);
    this.#budget = new CutBudget(inner, options, emit);
  }

  override async send(message: Message): Promise<void> {
    if (message.data.length > this.#budget.bytes) throw this.#budget.fail();
    this.#budget.bytes -= message.data.length;
    await this.inner.send(message);
  }
}
