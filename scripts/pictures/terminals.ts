/** Pictures of coax at work in terminals. */
import { Session } from "./session.ts";

/** `-v`: the life of a client's socket. */
export async function life(): Promise<string> {
  await using session = new Session();
  const port = session.port("9000");
  const terminal = await session.open("the life of a socket", { columns: 64, rows: 24 });
  await terminal.enter(`coax echo ${port} &`);
  await terminal.finds(/listening on tcp:\/\/\[::1\].*\n/);
  await terminal.enter("clear");
  await terminal.shows(["$ |"]);
  await terminal.enter(`coax client -v ${port} --send 'hello\\n'`);
  await terminal.finds(/close .* in .* s\n/);
  return await session.picture("coax client -v tells each step of a connection");
}

/** `relay -x`: what passes, byte by byte. */
export async function hexdump(): Promise<string> {
  await using session = new Session();
  const [port, target] = [session.port("9000"), session.port("7007")];
  const terminal = await session.open("a relay that shows what passes", { columns: 84, rows: 30 });
  await terminal.enter(`coax echo ${target} &`);
  await terminal.finds(/listening on tcp:\/\/\[::1\].*\n/);
  await terminal.enter("clear");
  await terminal.shows(["$ |"]);
  await terminal.enter(`coax relay -x --once ${port} ${target}`);
  await terminal.finds(/listening on tcp:\/\/\[::1\].*\n/);
  const client = await session.open("a client", { columns: 84 });
  await client.enter(`coax client ${port} --send 'hello, 世界\\r\\n' --expect 世界 < /dev/null`);
  await client.finds(/世界\n\$/);
  await terminal.finds(/\n\$ /);
  return await session.picture("coax relay -x shows every byte that passes, each way");
}

/** A room, on the terminals of two who are in it. */
export async function chat(): Promise<string> {
  await using session = new Session();
  const port = session.port("9000");
  const size = { columns: 80, rows: 16, cursor: true };
  const host = await session.open("the room", size);
  await host.enter(`coax chat ${port}`);
  await host.finds(/server> \|/);
  const alice = await session.open("alice", size);
  await alice.enter(`coax client ${port}`);
  await alice.finds(/guest-1> \|/);
  await alice.enter("/nick alice");
  await alice.finds(/alice> \|/);
  await host.finds(/is now alice/);
  await alice.enter("hello! is it tea time?");
  await host.finds(/tea time/);
  await host.enter("大家好! it is 🍵");
  await alice.finds(/大家好/);
  await alice.enter("/me pours two cups");
  await host.finds(/pours/);
  await host.type("half a li");
  await host.finds(/half a li\|/);
  await alice.enter("what I send appears above what you type");
  await host.finds(/what you type\n.*half a li\|/);
  return await session.picture(
    "a room in two terminals: what arrives appears above the input line",
  );
}
