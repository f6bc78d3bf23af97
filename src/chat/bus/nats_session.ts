/**
 * One connection to a NATS server with its JetStream. Any error closes it; the next session goes on
 * from the same position in the stream.
 */
import {
  connect,
  type ConsumerMessages,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
  type JsMsg,
  type NatsConnection,
} from "./nats_packages.ts";

export interface NatsOptions {
  /** `HOST:PORT` of one server or several of a cluster. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The stream's name; its subjects begin with it too. */
  readonly stream: string;
}

/** Messages of a stream, as they are consumed. */
export interface Consumption {
  readonly messages: AsyncIterable<JsMsg>;
  /** How many of the messages were stored already. */
  readonly pending: number;
  /**
   * Ends the messages and deletes the consumer, which the server would keep for five minutes.
   * Resolves once it is deleted, or can't be.
   */
  stop(): Promise<void>;
}

/** Milliseconds that any request to the server may take. */
const TIMEOUT = 3000;
/** Milliseconds between pings, which detect a dead connection. */
const PING_INTERVAL = 2000;
/**
 * What one pull request asks for: messages, its lifetime and the interval of heartbeats (ms). The
 * consumer stops when its stream is missing: the package would go on in a new stream of the same
 * name, from a sequence number that means nothing there.
 */
const CONSUME_OPTIONS = {
  max_messages: 256,
  expires: 10_000,
  idle_heartbeat: 1000,
  abort_on_missing_resource: true,
};

/** Batches of lines that the stream keeps for each room. */
const KEPT_BATCHES = 10_000;
const NANOSECONDS = 1e9;
/** Seconds that the stream keeps a batch. */
const KEPT_SECONDS = 7 * 24 * 3600;
/** Seconds in which the server drops a batch that is sent twice. */
const DUPLICATES_SECONDS = 120;
/** JetStream's error codes: no such stream; not enough servers for this many replicas. */
const NO_STREAM = 10059;
const NO_PEERS = [10005, 10074];

/**
 * Ignores the late error of a socket that the package has abandoned after the server refused us.
 * The package has no listener on it any more, so the `error` event would end the program. Only such
 * a socket raises this event: the errors of every other one are awaited.
 */
globalThis.addEventListener("error", (event) => {
  const { code, syscall } = (event.error ?? {}) as { code?: string; syscall?: string };
  if (syscall && (code === "ECONNRESET" || code === "EPIPE")) event.preventDefault();
});

export class NatsSession {
  readonly #stream: JetStreamClient;
  /** Resolves when the connection is closed, with the error if that wasn't asked for. */
  readonly closed: Promise<Error | undefined>;
  #reason: Error | undefined;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly name: string,
  ) {
    this.#stream = jetstream(connection, { timeout: TIMEOUT });
    this.closed = connection.closed().then((error) => error ?? this.#reason);
  }

  /** Connects, and creates the stream if there is none. Rejects with the package's error. */
  static async open({ servers, user, password, token, stream }: NatsOptions): Promise<NatsSession> {
    const connection = await connect({
      servers: [...servers],
      user,
      pass: password,
      token,
      name: "coax chat",
      reconnect: false,
      timeout: TIMEOUT,
      pingInterval: PING_INTERVAL,
      maxPingOut: 2,
    });
    try {
      await makeStream(connection, stream);
      return new NatsSession(connection, stream);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Stores a message in the stream; resolves once it is stored. A known `id` is stored once. */
  async publish(subject: string, data: Uint8Array, id: string): Promise<void> {
    await this.#stream.publish(subject, data, { msgID: id, timeout: TIMEOUT });
  }

  /** Publishes to the current subscribers of `subject` only; nothing is stored. */
  broadcast(subject: string, text: string): void {
    this.connection.publish(subject, text);
  }

  /** Calls `receive` with each message on `subject`; returns a function that unsubscribes. */
  subscribe(subject: string, receive: (text: string) => void): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => void (error || receive(message.string())),
    });
    return () => subscription.unsubscribe();
  }

  /** Consumes a subject from sequence `from` on, until `stop` or as long as the stream exists. */
  async consume(subject: string, from: number): Promise<Consumption> {
    const consumer = await this.#stream.consumers.get(this.name, {
      filter_subjects: subject,
      deliver_policy: "by_start_sequence",
      opt_start_seq: from,
    });
    const { num_pending } = await consumer.info(true);
    const messages = await consumer.consume(CONSUME_OPTIONS);
    stopAtReset(messages);
    let deleted: Promise<void> | undefined;
    const stop = () => {
      messages.stop();
      return deleted ??= consumer.delete().then(() => {}, () => {});
    };
    return { messages, pending: num_pending, stop };
  }

  /** Closes the connection; `reason` is the error, if there was one. */
  async close(reason?: Error): Promise<void> {
    this.#reason ??= reason;
    await this.connection.close();
  }
}

/** Stops at a gap: the package would ask again after it, even in another stream of that name. */
async function stopAtReset(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === "reset") messages.stop();
  }
}

async function makeStream(connection: NatsConnection, name: string): Promise<void> {
  const { streams } = await jetstreamManager(connection, { timeout: TIMEOUT });
  try {
    await streams.info(name);
    return; // Its settings stay: an administrator may have changed them.
  } catch (error) {
    if ((error as { code?: number }).code !== NO_STREAM) throw error;
  }
  const config = {
    name,
    subjects: [`${name}.>`],
    storage: "file" as const,
    max_msgs_per_subject: KEPT_BATCHES,
    max_age: KEPT_SECONDS * NANOSECONDS,
    duplicate_window: DUPLICATES_SECONDS * NANOSECONDS,
  };
  const clustered = connection.info?.cluster !== undefined;
  try {
    await streams.add({ ...config, num_replicas: clustered ? 3 : 1 });
  } catch (error) {
    if (!clustered || !NO_PEERS.includes((error as { code?: number }).code ?? 0)) throw error;
    await streams.add({ ...config, num_replicas: 1 }); // Fewer than three servers.
  }
}
