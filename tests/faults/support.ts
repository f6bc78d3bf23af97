/** Connections in memory with toxics in what is sent to them. */
import type { Channel, Connection, Duplex, Message } from "../../src/core/duplex.ts";
import {
  attributesOf,
  type Stream,
  Toxics,
  type ToxicSpec,
  type ToxicType,
} from "../../src/faults/mod.ts";
import { memoryPair } from "../support/memory.ts";

/** A toxic with defaults, as the API makes it. */
export function toxic(
  type: ToxicType,
  attributes: Record<string, unknown> = {},
  { name, stream = "downstream", toxicity = 1 }: Partial<ToxicSpec> = {},
): ToxicSpec {
  const checked = attributesOf(type, attributes);
  return { name: name ?? type, type, stream, toxicity, attributes: checked };
}

/** Toxics that are there from the start, all downstream. */
export function toxics(specs: readonly ToxicSpec[], seed = 1): Toxics {
  const all = new Toxics(seed);
  for (const spec of specs) all.add(spec);
  return all;
}

/** A fault as it is told. */
export interface Told {
  readonly kind: string;
  readonly text: string;
  readonly again: boolean;
}

/** Attaches toxics, and keeps what they tell. */
export function attached<C extends Connection>(
  all: Toxics,
  connection: C,
  { id = 1, stream = "downstream" as Stream } = {},
): { connection: C; told: Told[] } {
  const told: Told[] = [];
  const emit = (kind: string, text: string, again: boolean) => told.push({ kind, text, again });
  return { connection: all.attach(connection, stream, { id, emit }) as C, told };
}

/** A stream with toxics; `writes` are the sizes of what reaches `target`, with their times. */
export function stream(all: Toxics, { limit = 1 << 20, id = 1 } = {}) {
  const [client, target] = memoryPair(limit);
  const writes: { size: number; at: number }[] = [];
  const recording: Duplex = Object.assign(Object.create(client) as Duplex, {
    write: (bytes: Uint8Array) => {
      writes.push({ size: bytes.length, at: performance.now() });
      return client.write(bytes);
    },
  });
  return { ...attached(all, recording, { id }), target, writes };
}

/** A channel with toxics that keeps what is sent, each message once `pause` is over. */
export function channel(all: Toxics, { id = 1, pause = () => Promise.resolve() } = {}) {
  const sent: Message[] = [];
  const closed = Promise.withResolvers<Error | void>();
  let ended = false;
  const inner: Channel = {
    framing: "message",
    halfClose: false,
    peer: "memory",
    closed: closed.promise,
    receive: () => closed.promise.then(() => null),
    async send(message) {
      await pause();
      sent.push({ ...message, data: message.data.slice() });
    },
    closeWrite: () => {
      ended = true;
      return Promise.resolve();
    },
    close: (reason) => closed.resolve(reason),
  };
  return { ...attached(all, inner, { id }), sent, ended: () => ended };
}

/** `count` bytes that count up. */
export const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i & 255);
