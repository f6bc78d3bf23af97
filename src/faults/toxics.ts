/** The toxics of a relay, which change while its connections are open. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { FaultError } from "../core/errors.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";
import { checkToxicity } from "./attributes.ts";
import { Chain, type Emit, type Toxic } from "./chain.ts";
import { type Attributes, type Stream, STREAMS, ToxicError, type ToxicSpec } from "./toxic.ts";

interface AttachOptions {
  /** The connection's number: with the seed it decides what it draws. Unique among open ones. */
  readonly id: number;
  readonly emit: Emit;
  /** Hears how many pieces a fault had taken and couldn't deliver. */
  readonly lost?: (count: number) => void;
}

/** What `update` changes; what isn't named stays. */
interface Change {
  readonly toxicity?: number;
  /** All of them, as `attributesOf` returns them. */
  readonly attributes?: Attributes;
}

/**
 * The chains of the open connections of one id, of which there is hardly more than one. They are
 * taken out when they are over: an item deleted from a map may stay in memory until the next full
 * garbage collection.
 */
interface Place {
  chains: readonly Chain[];
}

/** What all connections of one direction share. */
class StreamState {
  /** In the order of adding. */
  toxics: ActiveToxic[] = [];
  readonly places = new Map<number, Place>();

  *all(): Generator<Chain> {
    for (const { chains } of this.places.values()) yield* chains;
  }
}

class ActiveToxic implements Toxic {
  toxicity: number;
  attributes: Attributes;

  constructor(readonly given: ToxicSpec, readonly order: number) {
    ({ toxicity: this.toxicity, attributes: this.attributes } = given);
  }

  get name() {
    return this.given.name;
  }
  get type() {
    return this.given.type;
  }
  get kind() {
    return this.given.kind ?? this.given.type;
  }
  get spec(): ToxicSpec {
    return { ...this.given, toxicity: this.toxicity, attributes: this.attributes };
  }
}

/** The toxics of one relay: they act on its open connections and on those to come. */
export class Toxics {
  readonly #streams = { upstream: new StreamState(), downstream: new StreamState() };
  #added = 0;

  /** @param seed The same one gives the same draws to connections of the same ids. */
  constructor(private readonly seed: number) {}

  /** All of them: upstream first, then downstream, each in the order of adding. */
  list(): ToxicSpec[] {
    return STREAMS.flatMap((stream) => this.#streams[stream].toxics.map(({ spec }) => spec));
  }

  get(name: string): ToxicSpec | undefined {
    return this.list().find((spec) => spec.name === name);
  }

  /** Adds a toxic behind those of its stream. Acts at once. Throws a `ToxicError`. */
  add(spec: ToxicSpec): void {
    if (this.get(spec.name)) throw new ToxicError(`toxic ${spec.name} already exists`);
    checkToxicity(spec.toxicity);
    const state = this.#streams[spec.stream];
    const toxic = new ActiveToxic(spec, ++this.#added);
    state.toxics.push(toxic);
    for (const chain of state.all()) chain.apply(toxic);
  }

  /**
   * Changes a toxic. Acts at once: what waits in its faults is judged by the new attributes, and a
   * new toxicity is compared to what each connection has drawn. Throws a `ToxicError`.
   */
  update(name: string, { toxicity, attributes }: Change): void {
    const { state, toxic } = this.#find(name);
    if (toxicity !== undefined) checkToxicity(toxicity);
    toxic.toxicity = toxicity ?? toxic.toxicity;
    toxic.attributes = attributes ?? toxic.attributes;
    for (const chain of state.all()) {
      chain.apply(toxic);
      if (attributes) chain.changed(toxic);
    }
  }

  /** Removes a toxic at once; what waits in its faults is passed on. Throws a `ToxicError`. */
  remove(name: string): void {
    const { state, toxic } = this.#find(name);
    state.toxics = state.toxics.filter((other) => other !== toxic);
    for (const chain of [...state.all()]) chain.remove(toxic);
  }

  /** Removes all. */
  clear(): void {
    for (const { name } of this.list()) this.remove(name);
  }

  /**
   * The same connection, with the toxics of `stream` in what is sent to it, for as long as it is
   * open. A fault that ends it closes it with a `FaultError`; a splice then closes the other one.
   */
  attach(connection: Connection, stream: Stream, options: AttachOptions): Connection {
    const { id, emit, lost = () => {} } = options;
    const sink = connection.framing === "stream"
      ? { put: ({ data }: Message) => connection.write(data), end: () => connection.closeWrite() }
      : { put: (one: Message) => connection.send(one), end: () => connection.closeWrite() };
    const chain = new Chain(connection, sink, { seed: this.seed, id, stream, emit, lost });
    const { places, toxics } = this.#streams[stream];
    const place = places.get(id) ?? { chains: [] };
    place.chains = [...place.chains, chain];
    places.set(id, place);
    const detach = () => {
      chain.close();
      place.chains = place.chains.filter((other) => other !== chain);
      if (place.chains.length === 0 && places.get(id) === place) places.delete(id);
    };
    connection.closed.then(detach, detach);
    for (const toxic of toxics) chain.apply(toxic);
    return connection.framing === "stream"
      ? new FaultyDuplex(connection, chain)
      : new FaultyChannel(connection, chain);
  }

  /** Names of the toxics that act on what is sent in one direction of an open connection. */
  drawn(id: number, stream: Stream): string[] {
    const { chains } = this.#streams[stream].places.get(id) ?? { chains: [] };
    return chains.flatMap(({ drawn }) => drawn);
  }

  #find(name: string): { state: StreamState; toxic: ActiveToxic } {
    for (const stream of STREAMS) {
      const state = this.#streams[stream];
      const toxic = state.toxics.find((toxic) => toxic.name === name);
      if (toxic) return { state, toxic };
    }
    throw new ToxicError(`toxic ${name} not found`);
  }
}

class FaultyDuplex extends DuplexWrapper {
  constructor(inner: Duplex, private readonly chain: Chain) {
    super(inner);
  }

  override write(data: Uint8Array): Promise<void> {
    return this.chain.put({ data });
  }

  override closeWrite(): Promise<void> {
    return this.chain.end();
  }

  override close(reason?: Error): void {
    this.chain.close(reason);
    super.close(reason);
  }
}

class FaultyChannel extends ChannelWrapper {
  constructor(inner: Channel, private readonly chain: Chain) {
    super(inner);
  }

  override send(message: Message): Promise<void> {
    return this.chain.put(message);
  }

  override async closeWrite(): Promise<void> {
    try {
      await this.chain.end();
    } catch (error) {
      // A peer that has closed meanwhile waits for no EOF.
      if (!this.peerClose || error instanceof FaultError) throw error;
    }
  }

  override close(reason?: Error): void {
    this.chain.close(reason);
    super.close(reason);
  }
}
