/** A conversation of two people, with the log of `-v` of both sockets in the socket API's words. */
import type { Coax } from "./process.ts";
import { command, type Demo, explain, good, heading, print, shows } from "./demo.ts";

const QUESTION = "Hello, server. Can you hear me?";
const ANSWER = "Every byte. Goodbye!";

/** Rejects unless every step is logged on both sides, in order, and both exit with status 0. */
export async function conversation(demo: Demo): Promise<void> {
  heading("A conversation, with every step of both sockets (-v)");

  command("coax server -v 127.0.0.1:0");
  const server = demo.start("server", "server", "-v", "127.0.0.1:0");
  await steps(server, "create", "bind", "listen");
  const { address } = await server.event("listening");
  explain(
    "The server creates a socket, binds it to an address (port 0: any free one) and listens.",
  );
  showLog(server);

  explain("The client creates a socket too, and connects it to that address.");
  command(`coax client -v ${address} --record talk.jsonl`);
  const recording = `${demo.folder}/talk.jsonl`;
  const client = demo.start("client", "client", "-v", address!, "--record", recording);
  await steps(client, "create", "connect", "connected");
  showLog(client);

  explain("The server accepts: a second socket, for this client alone. It wants no other (no -k).");
  await steps(server, "accept", "unlisten");
  showLog(server);

  await exchange(server, client);
  await ladder(demo, recording);
}

/** Prints the conversation as a diagram. Rejects unless it shows both lines and both FINs. */
async function ladder(demo: Demo, recording: string): Promise<void> {
  explain("The client has recorded all of it. Drawn as a ladder, time runs down:");
  command("coax replay talk.jsonl --draw");
  const color = demo.colored ? "always" : "never";
  const replay = demo.start("replay", "replay", recording, "--draw", "--color", color);
  const drawing = await new Response(replay.stdout).text();
  await replay.finish();
  const shown = [QUESTION, ANSWER].every((line) => drawing.includes(line));
  if (!shown || drawing.split("(FIN)").length !== 3) throw new Error(`replay drew ${drawing}`);
  print(`\n${drawing.trimEnd()}`);
}

/** Has both send a line, close their write side, and exit. */
async function exchange(server: Coax, client: Coax): Promise<void> {
  const writers = { client: client.stdin.getWriter(), server: server.stdin.getWriter() };
  const readers = { client: client.stdout.getReader(), server: server.stdout.getReader() };
  explain("The client sends a line; the server receives the same bytes.");
  await deliver(QUESTION, client, writers.client, server, readers.server);
  explain("And back: a connection has two directions, each of its own.");
  await deliver(ANSWER, server, writers.server, client, readers.client);

  explain("The client has nothing more to send (Ctrl-D) and says so. It could still receive.");
  await writers.client.close();
  await steps(client, "half-close");
  await steps(server, "half-close");
  showLog(client);
  showLog(server);

  explain("The server is done too. Both directions have ended, so both ends close their sockets.");
  await writers.server.close();
  await steps(server, "half-close", "close");
  await steps(client, "half-close", "close");
  showLog(server);
  showLog(client);
  await Promise.all([server.finish(), client.finish()]);
  await Promise.all(Object.values(readers).map((reader) => reader.cancel()));
}

/** Waits for these events, one after the other. */
async function steps(process: Coax, ...events: string[]): Promise<void> {
  for (const event of events) await process.event(event);
}

/** Prints the log lines that have been waited for. */
function showLog(process: Coax): void {
  for (const { message } of process.newEvents()) shows(process.name, message);
}

/** Has one process send a line, and checks that the other one prints exactly that line. */
async function deliver(
  line: string,
  sender: Coax,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  receiver: Coax,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  await writer.write(new TextEncoder().encode(line + "\n"));
  await steps(sender, "first-byte");
  await steps(receiver, "first-byte");
  const decoder = new TextDecoder();
  let received = "";
  while (!received.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    received += decoder.decode(value, { stream: true });
  }
  if (received !== line + "\n") {
    throw new Error(`${receiver.name} printed ${JSON.stringify(received)}`);
  }
  showLog(sender);
  showLog(receiver);
  shows(receiver.name, good(received.trimEnd()));
}
