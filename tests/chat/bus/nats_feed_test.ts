/** A feed that is closed uses its session no more, which other rooms go on using. */
import { assert, assertEquals } from "@std/assert";
import type { Subscriber } from "../../../src/chat/bus/bus.ts";
import type { Fact } from "../../../src/chat/bus/facts.ts";
import { NatsFeed } from "../../../src/chat/bus/nats_feed.ts";
import type { NatsSession } from "../../../src/chat/bus/nats_session.ts";
import { drainEventLoop, isPending, soon } from "../../support/wait.ts";

const line = (text: string): Fact => ({ type: "say", id: "a.1", from: "ann", text });

const subscriber: Subscriber = {
  deliver: () => {},
  ownMembers: () => [],
  hasMembersOf: () => false,
  offline: () => {},
  missed: () => {},
  online: () => {},
  ready: () => Promise.resolve(),
};

function newFeed(): NatsFeed {
  const closed = () => {};
  const options = { process: "a", room: "main", stream: "s", offlineAfter: 60_000, closed };
  return new NatsFeed(subscriber, { ...options, positionLost: closed, missed: closed });
}

/** A session with an empty stream, which counts what uses it. */
class FakeSession {
  consumers = 0;
  subscriptions = 0;
  isClosed = false;

  /** @param created Resolves when the server has made a consumer. */
  constructor(private readonly created: Promise<void> = Promise.resolve()) {}

  async consume() {
    await this.created;
    this.consumers++;
    const over = Promise.withResolvers<void>();
    const messages = (async function* () {
      await over.promise;
      yield* [];
    })();
    let stopped = false;
    const stop = () => {
      if (!stopped) this.consumers--;
      stopped = true;
      over.resolve();
      return Promise.resolve();
    };
    return { messages, pending: 0, stop };
  }

  subscribe(): () => void {
    this.subscriptions++;
    let unsubscribed = false;
    return () => {
      if (!unsubscribed) this.subscriptions--;
      unsubscribed = true;
    };
  }

  publish(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** Attaches a feed; resolves once the feed uses the session no more. */
  attach(feed: NatsFeed): Promise<void> {
    return feed.attach(this as unknown as NatsSession);
  }

  get uses(): [number, number] {
    return [this.consumers, this.subscriptions];
  }
}

Deno.test("a feed that closes stops consuming at once, and leaves the session open", async () => {
  const session = new FakeSession();
  const feeds = Array.from({ length: 5 }, newFeed);
  const attached = feeds.map((feed) => session.attach(feed));
  await Promise.all(feeds.map((feed) => feed.opened));
  assertEquals(session.uses, [5, 5]);
  await feeds[0]!.close();
  assertEquals(session.uses, [4, 4]);
  await Promise.all(feeds.map((feed) => feed.close()));
  assertEquals(session.uses, [0, 0]);
  await soon(Promise.all(attached), "the end of every loop");
  assert(!session.isClosed);
});

Deno.test("a feed that closes while its consumer is being made stops it", async () => {
  const created = Promise.withResolvers<void>();
  const session = new FakeSession(created.promise);
  const feed = newFeed();
  const attached = session.attach(feed);
  await feed.close();
  created.resolve();
  await soon(attached, "the end of the loop");
  assertEquals(session.uses, [0, 0]);
  assert(!session.isClosed);
});

Deno.test("senders that wait for a bus that is away wait no longer than the feed is open", async () => {
  const feed = newFeed();
  while (feed.publish(line("x".repeat(100_000))));
  const ready = feed.ready();
  assert(await isPending(ready));
  await feed.close();
  await drainEventLoop();
  await soon(ready, "the senders' turn", 1000);
});
