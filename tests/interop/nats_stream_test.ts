/** Rooms while somebody else deletes, replaces or empties the stream of their bus. */
import { assertEquals, assertMatch } from "@std/assert";
import { NatsBus } from "../../src/chat/bus/nats.ts";
import { connect, jetstream, jetstreamManager } from "../../src/chat/bus/nats_packages.ts";
import { encodeMessage, subjectToken } from "../../src/chat/bus/wire.ts";
import { Room } from "../../src/chat/room.ts";
import { joinJson, type Messenger } from "../chat/people.ts";
import { recorder } from "../support/log.ts";
import { until } from "../support/wait.ts";
import { nats, NatsServer, processOn } from "./nats_server.ts";
import { testWith } from "./peer_program.ts";

/** Enough for a lost stream to be noticed and created again, milliseconds. */
const PATIENCE = 20_000;
const STREAM = "coax-chat";

type Streams = Awaited<ReturnType<typeof jetstreamManager>>["streams"];

/** Changes the streams, as an administrator. */
async function keep(server: NatsServer, work: (streams: Streams) => Promise<unknown>) {
  const connection = await connect({ servers: [`127.0.0.1:${server.port}`] });
  try {
    await work((await jetstreamManager(connection)).streams);
  } finally {
    await connection.close();
  }
}

const deleted = (streams: Streams) => streams.delete(STREAM);
const replaced = async (streams: Streams) => {
  await streams.delete(STREAM);
  await streams.add({ name: STREAM, subjects: [`${STREAM}.>`], storage: "memory", max_msgs: 500 });
};
const purged = (streams: Streams) => streams.purge(STREAM);
const limited = (streams: Streams) => streams.update(STREAM, { max_msgs: 300 });

const changes: [name: string, work: (server: NatsServer) => Promise<unknown>][] = [
  ["deleted", (server) => keep(server, deleted)],
  ["deleted and made anew", (server) => keep(server, replaced)],
  ["purged", (server) => keep(server, purged)],
  ["given other limits", (server) => keep(server, limited)],
  ["gone with its server", (server) => server.replace()],
];

const COUNT = 300;

/** Sends `NAME:0`, `NAME:1` and so on, one by one, and calls `at` before each. */
async function sendLines(who: Messenger, name: string, at = (_line: number) => {}): Promise<void> {
  for (let line = 0; line < COUNT; line++) {
    at(line);
    await who.ask({ type: "say", text: `${name}:${line}` });
    await new Promise((resolve) => setTimeout(resolve, 3)); // One line a batch.
  }
}

/** The lines of a speaker that someone has received. */
const receivedLines = (who: Messenger, speaker: string) =>
  who.news("say").map(({ text }) => text!).filter((text) => text.startsWith(`${speaker}:`));

const NUMBERS = Array.from({ length: COUNT }, (_, line) => line);

/** The number of lines that someone has not received, and of those reported to it as lost. */
function missing(who: Messenger, speakers: readonly string[]): [count: number, said: number] {
  const notices = who.news("notice").map(({ text }) => /^(\d+) things? .* got lost/.exec(text!));
  const received = speakers.flatMap((speaker) => receivedLines(who, speaker)).length;
  const reported = notices.reduce((sum, match) => sum + Number(match?.[1] ?? 0), 0);
  return [speakers.length * COUNT - received, reported];
}

for (const [name, work] of changes) {
  for (const speakers of [["alice", "bob"], ["alice"]]) {
    const whose = speakers.join(" and ");
    testWith(
      nats,
      `a stream that is ${name} while ${whose} talk loses no line without a notice`,
      async () => {
        await using server = new NatsServer();
        await server.start();
        await using one = processOn(server);
        await using two = processOn(server);
        await using alice = await joinJson(one.rooms);
        await using bob = await joinJson(two.rooms);
        let working: Promise<unknown> = Promise.resolve();
        const meddle = (line: number) => {
          if (line % 100 === 99) working = working.then(() => work(server));
        };
        const talking = speakers.map((speaker) =>
          speaker === "alice" ? sendLines(alice, speaker, meddle) : sendLines(bob, speaker)
        );
        await Promise.all(talking);
        await working;
        for (const who of [alice, bob]) {
          const whole = () => {
            const [count, reported] = missing(who, speakers);
            // What is removed may not have been read yet by somebody; nothing else is
            // missing.
            return count === reported && (count === 0 || name === "purged");
          };
          await until(whole, "every line, or a word about it", PATIENCE);
          for (const speaker of speakers) {
            const received = receivedLines(who, speaker);
            const lines = NUMBERS.map((line) => `${speaker}:${line}`);
            assertEquals(
              received,
              lines.filter((line) => received.includes(line)),
              "once, in order",
            );
          }
        }
        await using carol = await joinJson(two.rooms);
        await alice.sees("guest-3");
        const names = carol.news("welcome")[0]!.members!;
        assertEquals(names.toSorted(), ["guest-1", "guest-2", "guest-3"]);
      },
    );
  }
}

testWith(
  nats,
  "a stream that is replaced is reported, and so are others' lines that never arrived",
  async () => {
    await using server = new NatsServer();
    await server.start();
    const { log, events } = recorder();
    const logged = () => events.map(({ text }) => text).join("\n");
    await using one = processOn(server, 5000, log);
    await using alice = await joinJson(one.rooms);
    await alice.sees("welcome");
    await keep(server, (streams) => streams.delete(STREAM));
    await alice.ask({ type: "say", text: "after" });
    await alice.sees('"after"');
    assertMatch(logged(), /^bus nats:.*: room main: its place in the stream is gone/m);

    const lineFact = (first: number) => {
      const fact = { type: "say", id: "other.1", from: "eve", text: `number ${first}` } as const;
      return encodeMessage({ process: "other", first, facts: [fact] });
    };
    const subject = `${STREAM}.${subjectToken("main")}.lines`;
    const connection = await connect({ servers: [`127.0.0.1:${server.port}`] });
    for (const first of [7, 8, 12, 12, 13]) {
      await jetstream(connection).publish(
        subject,
        lineFact(first),
      );
    }
    await connection.close();
    await alice.sees("number 13");
    const texts = alice.news("say").map(({ text }) => text);
    assertEquals(texts, ["after", "number 7", "number 8", "number 12", "number 13"]);
    assertEquals(
      alice.news("notice").map(({ text }) => text),
      ["3 things that others said or did got lost on the bus"],
    );
    assertMatch(logged(), /^bus nats:.*: 3 lines of others in the room main got lost$/m);
  },
);

testWith(
  nats,
  "a room that was forgotten here and is opened again is received as before",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using one = processOn(server);
    await using two = processOn(server);
    await using bob = await joinJson(two.rooms);
    for (let visit = 0; visit < 3; visit++) {
      await using alice = await joinJson(one.rooms);
      for (const word of ["first", "second", "third"].slice(visit)) {
        const text = `${word} of ${visit}`;
        await alice.ask({ type: "say", text });
        for (const who of [alice, bob]) await who.sees(text);
      }
      alice.hangUp();
      await alice.left();
      for (let other = 0; other < 40; other++) {
        await using passing = await joinJson(one.rooms, `/r/${visit}-${other}`);
        passing.hangUp();
      }
    }
  },
);

testWith(
  nats,
  "rooms that close leave no consumer on the server, while others go on",
  async () => {
    await using server = new NatsServer();
    await server.start();
    const options = { servers: [`127.0.0.1:${server.port}`], stream: STREAM };
    const { log, events } = recorder();
    const bus = new NatsBus(options, server.url, log);
    await using stack = new AsyncDisposableStack();
    stack.defer(() => bus.close());
    const rooms = Array.from(
      { length: 5 },
      (_, number) => new Room(`room ${number}`, bus, { history: 10 }),
    );
    const stays = new Room("stays", bus, { history: 10 });
    stack.defer(() => stays.close("over"));
    const consumers = async () => {
      let count = 0;
      await keep(server, async (streams) => {
        count = (await streams.info(STREAM)).state.consumer_count;
      });
      return count;
    };
    await until(() => events.some(({ text }) => text.startsWith("connected")), "the stream");
    await until(async () => await consumers() === 6, "a consumer for each room");
    await Promise.all(rooms.map((room) => room.close("")));
    assertEquals(await consumers(), 1);
    await stays.close("over");
    assertEquals(await consumers(), 0);
  },
);
