/**
 * One conversation between two people, told by `-v` on both ends in the words of the socket API.
 */
import type { Coax } from "./process.ts";
import { command, explain, good, heading, shows, type Stage } from "./stage.ts";

/** Rejects unless every step happens on both ends, in order, and both end with status 0. */
export async function conversation(stage: Stage): Promise<void> {
  heading("A conversation, with every step of both sockets (-v)");

  command("coax server -v 127.0.0.1:0");
  const server = stage.start("server", "server", "-v", "127.0.0.1:0");
  await steps(server, "create", "bind", "listen");
  const { address } = await server.event("listening");
  explain(
    "The server creates a socket, binds it to an address (port 0: any free one) and listens.",
  );
  tell(server);

  explain("The client creates a socket too, and connects it to that address.");
  command(`coax client -v ${address}`);
  const client = stage.start("client", "client", "-v", address!);
  await steps(client, "create", "connect", "connected");
  tell(client);

  explain("The server accepts: a second socket, for this client alone. It wants no other (no -k).");
  await steps(server, "accept", "unlisten");
  tell(server);

  await exchange(server, client);
}

/** Has both send a line, end their direction, and finish. */
async function exchange(server: Coax, client: Coax): Promise<void> {
  const speech = { client: client.stdin.getWriter(), server: server.stdin.getWriter() };
  const hearing = { client: client.stdout.getReader(), server: server.stdout.getReader() };
  explain("The client sends a line; the server receives the same bytes.");
  await deliver("Hello, server. Can you hear me?", client, speech.client, server, hearing.server);
  explain("And back: a connection has two directions, each of its own.");
  await deliver("Every byte. Goodbye!", server, speech.server, client, hearing.client);

  explain("The client has nothing more to send (Ctrl-D) and says so. It could still receive.");
  await speech.client.close();
  await steps(client, "half-close");
  await steps(server, "half-close");
  tell(client);
  tell(server);

  explain("The server is done too. Both directions have ended, so both ends close their sockets.");
  await speech.server.close();
  await steps(server, "half-close", "close");
  await steps(client, "half-close", "close");
  tell(server);
  tell(client);
  await Promise.all([server.finish(), client.finish()]);
  await Promise.all(Object.values(hearing).map((reader) => reader.cancel()));
}

/** Waits for these events, one after the other. */
async function steps(process: Coax, ...events: string[]): Promise<void> {
  for (const event of events) await process.event(event);
}

/** Shows the log lines that have been waited for. */
function tell(process: Coax): void {
  for (const { message } of process.news()) shows(process.name, message);
}

/** Has one process send a line, and checks that the other one prints exactly that. */
async function deliver(
  line: string,
  from: Coax,
  mouth: WritableStreamDefaultWriter<Uint8Array>,
  to: Coax,
  ear: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  await mouth.write(new TextEncoder().encode(line + "\n"));
  await steps(from, "first-byte");
  await steps(to, "first-byte");
  const decoder = new TextDecoder();
  let heard = "";
  while (!heard.includes("\n")) {
    const { value, done } = await ear.read();
    if (done) break;
    heard += decoder.decode(value, { stream: true });
  }
  if (heard !== line + "\n") throw new Error(`${to.name} printed ${JSON.stringify(heard)}`);
  tell(from);
  tell(to);
  shows(to.name, good(heard.trimEnd()));
}
