/**
 * Rooms of many processes on a real NATS server: every line once, in the same order, everywhere.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { joinJson, type Messenger } from "../chat/people.ts";
import { Coax, PIPE } from "../e2e/coax.ts";
import { Guest } from "../e2e/guests.ts";
import { until } from "../support/wait.ts";
import { nats, NatsServer, processOn } from "./nats_server.ts";
import { testWith } from "./peer_program.ts";

/** Enough for a restart and for noticing a dead process, milliseconds. */
const PATIENCE = 20_000;

/** What both have received from others than the two of them, in each one's order. */
function compare(one: Guest, two: Guest, names: Map<Guest, string>): void {
  const others = (line: string) =>
    [one, two].every((guest) => !line.startsWith(`[${names.get(guest)}]`));
  assertEquals(one.memberLines.filter(others), two.memberLines.filter(others));
}

testWith(
  nats,
  "3 processes: every line once and in order through a bus restart and a killed process",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using stack = new AsyncDisposableStack();
    const processes = Array.from(
      { length: 3 },
      () => stack.use(Coax.start(["chat", "127.0.0.1:0", "--bus", server.url], { stdin: PIPE })),
    );
    const guests: Guest[] = [];
    const names = new Map<Guest, string>();
    for (const process of processes) {
      const address = await process.address();
      for (let i = 0; i < 2; i++) {
        const guest = stack.use(await Guest.join(address));
        const [, name] = /welcome to main, ([^;]+);/.exec(guest.lines[0]!)!;
        names.set(guest, name!);
        guests.push(guest);
      }
    }
    assertEquals(new Set(names.values()).size, 6, "every guest has a name of its own");

    const COUNT = 300;
    const last = guests.slice(4); // Their process is going to be killed.
    const sending = guests.map((guest, who) => sendLines(guest, who, COUNT, guests));
    const received = (part: number) => () => guests[0]!.memberLines.length > COUNT * 5 * part;
    await until(received(0.2), "the first lines", PATIENCE);
    await server.kill();
    await server.start();
    await until(received(0.6), "lines after the restart", PATIENCE);
    processes[2]!.signal("SIGKILL");
    await Promise.all(sending);
    for (const guest of last) await guests[0]!.sees(leaving(names.get(guest)!), PATIENCE);
    await guests[0]!.sees(/-- server(-\d)? has left \(connection lost\)/, PATIENCE);

    for (const guest of guests.slice(0, 4)) {
      const done = () =>
        [0, 1, 2, 3].every((who) => count(guest, who) >= COUNT || guests[who] === guest);
      await until(done, "all lines of the living");
      for (const who of [0, 1, 2, 3]) {
        if (guests[who] === guest) continue;
        const lines = guest.memberLines.filter((line) => line.includes(`] ${who}:`));
        assertEquals(
          lines.map((line) => line.split(":")[1]),
          numbers(COUNT),
          "each once, in order",
        );
      }
      for (const who of [4, 5]) {
        const lines = guest.memberLines.filter((line) => line.includes(`] ${who}:`));
        assertEquals(lines.map((line) => line.split(":")[1]), numbers(lines.length));
      }
      assert(!guest.lines.some((line) => line.includes("bus is away")), "the restart was short");
    }
    for (const one of guests.slice(0, 4)) {
      for (const two of guests.slice(0, 4)) {
        compare(one, two, names);
      }
    }
    await guests[0]!.type("/who");
    const who = await guests[0]!.sees(/^-- here:/);
    for (const guest of guests) {
      assertEquals(
        who.includes(names.get(guest)!),
        !last.includes(guest),
      );
    }
  },
);

const leaving = (name: string) => new RegExp(`^-- ${name} has left \\(connection lost\\)$`);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
const count = (guest: Guest, who: number) =>
  guest.memberLines.reduce((sum, line) => sum + Number(line.includes(`] ${who}:`)), 0);

/** Sends `WHO:0`, `WHO:1` and so on, never more than 20 ahead of what `witness` has received. */
async function sendLines(guest: Guest, who: number, total: number, guests: Guest[]): Promise<void> {
  const witness = guests[who === 0 ? 1 : 0]!;
  try {
    for (let line = 0; line < total; line += 20) {
      const lines = Array.from({ length: 20 }, (_, i) => `${who}:${line + i}`);
      await guest.type(lines.join("\n"));
      await until(() => guest.gone || count(witness, who) >= line, `${who}:${line}`, PATIENCE);
    }
  } catch (error) {
    if (who < 4) throw error; // The others are killed while they send.
  }
}

testWith(
  nats,
  "3 rooms on 3 processes are apart, and each has one order, one history, one list",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using stack = new AsyncDisposableStack();
    const processes = [0, 1, 2].map(() => stack.use(processOn(server)));
    const paths = ["/", "/r/tea", "/r/.*> caf\u00e9".replace(" ", "")].map(encodeURI);
    const rooms: Messenger[][] = [];
    for (const path of paths) {
      const members: Messenger[] = [];
      for (const { rooms } of processes) members.push(stack.use(await joinJson(rooms, path)));
      rooms.push(members);
    }
    await Promise.all(rooms.flatMap((members, room) =>
      members.map(async (member, who) => {
        for (let i = 0; i < 100; i++) {
          await member.ask({ type: "say", text: `${room}:${who}:${i}` });
        }
      })
    ));
    for (const [room, members] of rooms.entries()) {
      for (const member of members) {
        await until(() => member.news("say").length >= 300, "300 lines");
        assertEquals(member.news("say"), members[0]!.news("say"));
        assert(member.news("say").every(({ text }) => text!.startsWith(`${room}:`)));
      }
      const late = stack.use(await joinJson(processes[room]!.rooms, paths[room]));
      await until(() => late.news("say").length >= 300, "the history");
      assertEquals(late.news("say"), members[0]!.news("say"));
      assertEquals(late.news("welcome")[0]!.members!.length, 4);
    }
  },
);

testWith(
  nats,
  "a process that comes later has the history, the names and the members of the others",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using early = processOn(server);
    await using alice = await joinJson(early.rooms);
    await alice.ask({ type: "nick", text: "alice" });
    await alice.ask({ type: "say", text: "before" });
    await alice.sees("before");
    await using late = processOn(server);
    await using bob = await joinJson(late.rooms);
    await bob.sees("before");
    assertEquals(bob.news("say"), alice.news("say"));
    assertEquals(bob.news("welcome")[0]!.members, ["alice", "guest-2"]);
    await bob.ask({ type: "nick", text: "ALICE" });
    await bob.sees("the name ALICE is taken");
    await bob.ask({ type: "msg", to: "Alice", text: "psst" });
    await alice.sees("psst");
    await until(() => bob.news("msg").length === 1, "the sender's copy");
    await bob.ask({ type: "say", text: "after" });
    await alice.sees("after");
  },
);

testWith(nats, "lines sent one by one for seconds all arrive, in one order", async () => {
  await using server = new NatsServer();
  await server.start();
  await using one = processOn(server);
  await using two = processOn(server);
  await using alice = await joinJson(one.rooms);
  await using bob = await joinJson(two.rooms);
  const COUNT = 500;
  await Promise.all([alice, bob].map(async (who, i) => {
    for (let line = 0; line < COUNT; line++) {
      await who.ask({ type: "say", text: `${i}:${line}` });
      await new Promise((resolve) => setTimeout(resolve, 5)); // One line a batch.
    }
  }));
  const all = () => [alice, bob].every((who) => who.news("say").length === 2 * COUNT);
  await until(all, "every line, everywhere", PATIENCE);
  assertEquals(alice.news("say"), bob.news("say"));
});

testWith(nats, "members of a process that was taken for dead are back when it is", async () => {
  await using server = new NatsServer();
  await server.start();
  const args = ["chat", "127.0.0.1:0", "--bus", server.url];
  await using one = Coax.start(args, { stdin: PIPE });
  using alice = await Guest.join(await one.address());
  await using two = Coax.start(args, { stdin: PIPE });
  using bob = await Guest.join(await two.address());
  await alice.sees(/^-- guest-2 has joined$/);
  two.signal("SIGSTOP");
  await alice.sees(leaving("guest-2"), PATIENCE);
  alice.lines.length = 0;
  two.signal("SIGCONT");
  await alice.sees(/^-- guest-2 has joined$/, PATIENCE);
  // After the suspension all others seem silent, but their lines are waiting to be read.
  const lost = [...alice.lines, ...bob.lines].filter((line) => leaving("guest-1").test(line));
  assertEquals(lost, []);
  await bob.type("here I am");
  await alice.sees(/^\[guest-2\] here I am$/);
  await alice.type("/who");
  assertEquals(await alice.sees(/^-- here:/), "-- here: server, guest-1, server-2, guest-2");
});

testWith(nats, "lines that never reached the bus are reported when the process exits", async () => {
  await using server = new NatsServer();
  await server.start();
  await using room = Coax.start(["chat", "127.0.0.1:0", "--bus", server.url], { stdin: PIPE });
  using alice = await Guest.join(await room.address());
  await server.kill();
  await alice.sees(/the bus is away/, PATIENCE);
  await alice.type("one\ntwo");
  using bob = await Guest.join(await room.address());
  await bob.sees(/the bus is away/);
  assertEquals(bob.memberLines, ["[guest-1] one", "[guest-1] two"]);
  room.signal("SIGTERM");
  const { status, stderr } = await room.exit();
  assertEquals(status, 0);
  assertMatch(stderr, /^bus nats:.*: 2 lines of the room main never got there$/m);
});

testWith(nats, "a server that refuses the login leaves the room as it is", async () => {
  await using server = new NatsServer(["--user", "u", "--pass", "right"]);
  await server.start();
  const url = server.url.replace("//", "//u:wrong@");
  await using room = Coax.start(["chat", "127.0.0.1:0", "--bus", url], { stdin: PIPE });
  await room.logs(/Authorization Violation; trying again/i);
  using alice = await Guest.join(await room.address());
  using bob = await Guest.join(await room.address());
  await alice.type("still here");
  await bob.sees(/still here/);
  assert(!/Uncaught|at /.test(room.stderr), room.stderr);
});

testWith(nats, "a server that asks for a token gets the user that has no password", async () => {
  await using server = new NatsServer(["--auth", "t0p/secret"]);
  await server.start();
  const url = (token: string) => server.url.replace("//", `//${token}@`);
  const args = (token: string) => ["chat", "127.0.0.1:0", "--bus", url(token)];
  await using one = Coax.start(args("t0p%2Fsecret"), { stdin: PIPE });
  await one.logs(/^connected to the bus nats:\/\/\*\*\*@/m);
  await using two = Coax.start(args("wr0ng"), { stdin: PIPE });
  await two.logs(/Authorization Violation; trying again/i);
  for (const { stderr } of [one, two]) assert(!/secret|wr0ng/.test(stderr), stderr);
});

testWith(
  nats,
  "of two members that ask for a name at once, the stream's first gets it",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using one = processOn(server);
    await using two = processOn(server);
    await using alice = await joinJson(one.rooms);
    await using bob = await joinJson(two.rooms);
    await alice.sees("join");
    for (let round = 0; round < 10; round++) {
      const name = `name-${round}`;
      await Promise.all([alice, bob].map((who) => who.ask({ type: "nick", text: name })));
      await until(
        () => alice.news("notice").length + bob.news("notice").length > round,
        "a refusal",
      );
      for (const who of [alice, bob]) await who.sees(`"text":"${name}"`);
    }
    assertEquals(alice.news("rename"), bob.news("rename"));
    assertEquals(alice.news("rename").length, 10);
  },
);

testWith(
  nats,
  "without its bus a room goes on, and nothing is lost or doubled when it is back",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using one = processOn(server, 200);
    await using two = processOn(server, 200);
    await using alice = await joinJson(one.rooms);
    await using anna = await joinJson(one.rooms);
    await using bob = await joinJson(two.rooms);
    await alice.sees("guest-3");
    await server.kill();
    for (const who of [alice, anna, bob]) await who.sees("the bus is away");
    for (let i = 0; i < 50; i++) {
      await alice.ask({ type: "say", text: `alice ${i}` });
      await bob.ask({ type: "say", text: `bob ${i}` });
    }
    await alice.ask({ type: "nick", text: "same" });
    await bob.ask({ type: "nick", text: "same" });
    await alice.ask({ type: "msg", to: "guest-3", text: "kept for you" });
    await anna.sees("alice 49");
    await bob.sees("rename");
    await using carol = await joinJson(two.rooms);
    await carol.sees("bob 49");
    assertEquals(anna.news("say").length, 50, "the others have not arrived yet");
    await server.start();
    for (const who of [alice, anna, bob, carol]) await who.sees("the bus is back");
    await bob.sees("kept for you");
    await bob.ask({ type: "say", text: "done" });
    for (const who of [alice, anna, bob]) {
      await who.sees("done");
      const texts = who.news("say").map(({ text }) => text!);
      assertEquals(texts.length, 101);
      for (const name of ["alice", "bob"]) {
        assertEquals(
          texts.filter((text) => text.startsWith(name)),
          numbers(50).map((i) => `${name} ${i}`),
        );
      }
    }
    const lists: string[][] = [];
    for (const who of [alice, bob]) {
      await who.ask({ type: "who" });
      await who.sees('"who"');
      lists.push([...who.news("who")[0]!.members!].sort());
    }
    assertEquals(lists[0], lists[1]);
    assertEquals(new Set(lists[0]).size, 4);
    assertEquals(lists[0]!.filter((name) => name.startsWith("same")), ["same"]);
    // Newcomers get the same history everywhere: the stream's.
    await using fresh = processOn(server);
    const histories: unknown[] = [];
    for (const { rooms } of [fresh, one, two]) {
      await using late = await joinJson(rooms);
      await late.sees("done");
      histories.push(late.news("say").map(({ id, text }) => [id, text]));
    }
    assertEquals(histories[1], histories[0]);
    assertEquals(histories[2], histories[0]);
  },
);

testWith(
  nats,
  "a room without a bus from the start goes on by itself, and joins it later",
  async () => {
    await using server = new NatsServer();
    await using one = processOn(server, 100);
    await using alice = await joinJson(one.rooms);
    await alice.ask({ type: "say", text: "alone" });
    await alice.sees("alone");
    await server.start();
    await alice.sees("the bus is back");
    await using two = processOn(server, 5000);
    await using bob = await joinJson(two.rooms);
    await bob.sees("alone");
    assertEquals(bob.news("welcome")[0]!.members, ["guest-1", "guest-2"]);
  },
);

testWith(
  nats,
  "a bus that has lost its last lines gets them again, and no line after them is lost",
  async () => {
    await using server = new NatsServer();
    await server.start();
    await using one = processOn(server);
    await using two = processOn(server);
    await using alice = await joinJson(one.rooms);
    await using bob = await joinJson(two.rooms);
    const both = async (text: string) => {
      await alice.ask({ type: "say", text });
      for (const who of [alice, bob]) await who.sees(`"${text}"`);
    };
    await both("kept");
    await server.forgetting(async () => {
      for (let i = 0; i < 5; i++) await both(`forgotten ${i}`);
    });
    for (let i = 0; i < 5; i++) await both(`after ${i}`);
    const expected = ["kept", ...numbers(5).map((i) => `forgotten ${i}`)]
      .concat(numbers(5).map((i) => `after ${i}`));
    await using late = processOn(server);
    await using carol = await joinJson(late.rooms);
    await carol.sees("after 4");
    for (const who of [alice, bob, carol]) {
      assertEquals(who.news("say").map(({ text }) => text!), expected);
    }
  },
);
