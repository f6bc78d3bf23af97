/** The commands of `docs/chat.md` for many machines work as the page describes. */
import { assertEquals } from "@std/assert";
import { COAX, Coax, DEADLINE, PIPE, temporary } from "../e2e/coax.ts";
import { Guest } from "../e2e/guests.ts";
import { unusedPort } from "../e2e/peers.ts";
import { nats } from "./nats_server.ts";
import { testWith } from "./peer_program.ts";

const PAGE = new URL("../../docs/chat.md", import.meta.url);

/**
 * How long a cluster may take to go on without a server, milliseconds. Its servers elect new
 * leaders, for JetStream, the stream and each consumer, after 4 to 9 seconds each, longer if votes
 * are split.
 */
const ELECTIONS = 60_000;

/** The command lines of the page's block that starts `servers` NATS servers, as lists of words. */
function commands(servers: number): string[][] {
  const blocks = [...Deno.readTextFileSync(PAGE).matchAll(/```sh\n([^]*?)```/g)]
    .map((match) => match[1]!.trim().split("\n").map((line) => line.split(" ")));
  const wanted = blocks.filter((lines) =>
    lines.filter(([program]) => program === "nats-server").length === servers
  );
  assertEquals(wanted.length, 1, `one block with ${servers} servers`);
  return wanted[0]!;
}

/** Starts a block's commands, with folders and ports of this test in place of the page's. */
async function start(lines: string[][], stack: AsyncDisposableStack) {
  const folder = stack.use(await temporary());
  const ports = new Map<string, number>();
  const port = (written: string) => {
    if (!ports.has(written)) ports.set(written, unusedPort());
    return `${ports.get(written)}`;
  };
  const servers: Coax[] = [];
  const rooms: Coax[] = [];
  for (const [program, ...args] of lines) {
    const words = args.map((word) =>
      word.replaceAll(/\b[469]\d{3}\b/g, port).replaceAll("/var/lib", folder.path)
    );
    if (program === "nats-server") servers.push(stack.use(Coax.spawn([program, ...words])));
    else rooms.push(stack.use(Coax.spawn([...COAX, ...words], { stdin: PIPE })));
  }
  await Promise.all(servers.map((server) => server.logs(/Server is ready/, DEADLINE)));
  return { servers, rooms };
}

/** Everyone receives a line from each member. */
async function everyoneReceives(guests: Guest[], word: string, ms = DEADLINE): Promise<void> {
  for (const [who, guest] of guests.entries()) await guest.type(`${word} ${who}`);
  for (const [who, guest] of guests.entries()) {
    for (const other of guests.keys()) {
      if (other !== who) await guest.sees(new RegExp(`\\] ${word} ${other}$`), ms);
    }
  }
}

testWith(nats, "docs/chat.md: three processes and a NATS server are one room", async () => {
  await using stack = new AsyncDisposableStack();
  const { rooms } = await start(commands(1), stack);
  const guests: Guest[] = [];
  for (const room of rooms) guests.push(stack.use(await Guest.join(await room.address())));
  await everyoneReceives(guests, "hello");
  await guests[0]!.type("/who");
  await guests[0]!.sees(/^-- here: (\S+, ){5}\S+$/);
});

testWith(nats, "docs/chat.md: a cluster loses a server, and the room loses nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const { servers, rooms } = await start(commands(3), stack);
  for (const room of rooms) await room.logs(/connected to the bus/, DEADLINE);
  const guests: Guest[] = [];
  for (const room of rooms) guests.push(stack.use(await Guest.join(await room.address())));
  await everyoneReceives(guests, "hello");
  servers[0]!.signal("SIGKILL");
  await everyoneReceives(guests, "again", ELECTIONS);
  for (const guest of guests) {
    assertEquals(guest.memberLines.length, new Set(guest.memberLines).size, "each line once");
    assertEquals(guest.memberLines.length, 4);
  }
});
