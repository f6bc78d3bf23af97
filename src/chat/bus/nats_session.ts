/**
 * One connection to a NATS server with its JetStream, from its beginning to its end. Whatever goes
 * wrong ends it; the next session takes up where the order had got to.
 */
import {
  connect,
  type ConsumerMessages,
  jetstream,
  type JetStreamClient,
  jetstreamManager,
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

/** Milliseconds for anything that is asked of the server. */
const TIMEOUT = 3000;
/** Milliseconds between pings that show a server that has vanished. */
const PING = 2000;
/**
 * What is asked for at a time: messages, for how long, with a sign of life in between (ms). Without
 * its stream or its place there, following is over: the package would go on in whatever stream has
 * that name by then, from a place that means nothing there.
 */
const WINDOW = {
  max_messages: 256,
  expires: 10_000,
  idle_heartbeat: 1000,
  abort_on_missing_resource: true,
};

/** Lines that a room's stream keeps, in batches as they were sent. */
const KEPT_BATCHES = 10_000;
const NANOSECONDS = 1e9;
/** Seconds that a room's stream keeps a line. */
const KEPT_SECONDS = 7 * 24 * 3600;
/** Seconds in which the server knows a batch that comes twice. */
const DUPLICATES_SECONDS = 120;
/** JetStream's error codes: no such stream, no room for this many replicas. */
const NO_STREAM = 10059;
const NO_PEERS = [10005, 10074];

/**
 * A socket that the package has given up (the server refuses us) may still fail, and then nobody
 * listens there any more: an `error` event that would end the program. Nothing else in this process
 * that is on its own can fail like this.
 */
globalThis.addEventListener("error", (event) => {
  const { code, syscall } = (event.error ?? {}) as { code?: string; syscall?: string };
  if (syscall && (code === "ECONNRESET" || code === "EPIPE")) event.preventDefault();
});

export class NatsSession {
  readonly #stream: JetStreamClient;
  /** Settles when the connection is over, with why if it wasn't asked for. */
  readonly closed: Promise<Error | undefined>;
  #reason: Error | undefined;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly name: string,
  ) {
    this.#stream = jetstream(connection, { timeout: TIMEOUT });
    this.closed = connection.closed().then((error) => error ?? this.#reason);
  }

  /** Connects, and makes the stream if there is none. Rejects with what the server says. */
  static async open({ servers, user, password, token, stream }: NatsOptions): Promise<NatsSession> {
    const connection = await connect({
      servers: [...servers],
      user,
      pass: password,
      token,
      name: "coax chat",
      reconnect: false,
      timeout: TIMEOUT,
      pingInterval: PING,
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

  /** Puts a message into the stream; one with an `id` that is there already counts once. */
  async publish(subject: string, data: Uint8Array, id: string): Promise<void> {
    await this.#stream.publish(subject, data, { msgID: id, timeout: TIMEOUT });
  }

  /** Tells whoever listens now; nothing is kept. */
  call(subject: string, text: string): void {
    this.connection.publish(subject, text);
  }

  /**
   * Calls `hear` with what is told under `subject`, until the function that it returns is called.
   */
  listen(subject: string, hear: (text: string) => void): () => void {
    const heard = this.connection.subscribe(subject, {
      callback: (error, message) => void (error || hear(message.string())),
    });
    return () => heard.unsubscribe();
  }

  /**
   * Follows a subject from a place in the stream, for as long as it is that stream.
   *
   * @returns The messages, to be stopped, and how many of them were there already.
   */
  async follow(subject: string, from: number): Promise<[ConsumerMessages, number]> {
    const consumer = await this.#stream.consumers.get(this.name, {
      filter_subjects: subject,
      deliver_policy: "by_start_sequence",
      opt_start_seq: from,
    });
    const { num_pending } = await consumer.info(true);
    const messages = await consumer.consume(WINDOW);
    stopAtReset(messages);
    return [messages, num_pending];
  }

  /** Ends the connection, with why if it wasn't meant to end. */
  async close(reason?: Error): Promise<void> {
    this.#reason ??= reason;
    await this.connection.close();
  }
}

/** A gap makes the package ask anew behind it, without a look at which stream that is. */
async function stopAtReset(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === "reset") messages.stop();
  }
}

async function makeStream(connection: NatsConnection, name: string): Promise<void> {
  const { streams } = await jetstreamManager(connection, { timeout: TIMEOUT });
  try {
    await streams.info(name);
    return; // As it is: its keeper may have changed it.
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
