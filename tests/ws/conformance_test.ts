import { assert, assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { CloseError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { WebSocketChannel } from "../../src/ws/channel.ts";
import { NO_CLOSE, ViolationError } from "../../src/ws/close.ts";
import { readAll } from "../support/connections.ts";
import { soon } from "../support/wait.ts";
import { type Case, cases, clientCases, MAX_MESSAGE, serverCases } from "./conformance_cases.ts";
import { bytes, frames, masked } from "./wire.ts";

type Role = "server" | "client";

/** `"Hello"` where it is text, else hex; long runs of one byte as `125×61`. */
function shown(payload: Uint8Array, asText: boolean): string {
  if (payload.length > 99 && payload.every((byte) => byte === payload[0])) {
    return `${payload.length}×${payload.slice(0, 1).toHex()}`;
  }
  return asText
    ? JSON.stringify(new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload))
    : payload.toHex();
}

function isText(payload: Uint8Array): boolean {
  return payload.every((byte) => byte < 0x80);
}

/** Everything that a channel receives, and how it closes. */
async function received(channel: WebSocketChannel): Promise<string[]> {
  const events: string[] = [];
  try {
    for (let message = await channel.receive(); message; message = await channel.receive()) {
      events.push(`${message.text ? "text" : "binary"} ${shown(message.data, message.text!)}`);
    }
    events.push("closed");
  } catch (error) {
    if (error instanceof ViolationError) events.push(`broken ${error.code}`);
    else if (/inside a message/.test((error as Error).message)) events.push("unfinished");
    else if (!(error instanceof CloseError)) throw error;
    else if (error.code === NO_CLOSE) events.push("gone");
    else events.push(`abnormal ${error.code}${error.text && ` ${JSON.stringify(error.text)}`}`);
  }
  channel.close();
  await channel.closed;
  return events;
}

/** What a channel has sent, as the peer reads it; every frame must be whole and rightly masked. */
function sent(stream: Uint8Array, role: Role): string[] {
  return frames(stream).map(({ fin, rsv, opcode, masked, payload }) => {
    assert(fin && rsv === 0, "a control frame is final and has no reserved bits");
    assertEquals(masked, role === "client");
    if (opcode === 10) return `pong ${shown(payload, isText(payload))}`;
    assertEquals(opcode, 8);
    if (payload.length === 0) return "close";
    const code = (payload[0]! << 8) | payload[1]!;
    const reason = payload.subarray(2);
    return `close ${code}${reason.length > 0 ? ` "${new TextDecoder().decode(reason)}"` : ""}`;
  });
}

async function feed(peer: Duplex, stream: Uint8Array, chunk: number): Promise<void> {
  for (let at = 0; at < stream.length; at += chunk) await peer.write(stream.slice(at, at + chunk));
  await peer.closeWrite();
}

/** Both sides of a connection in the notation of the table. */
async function play(
  role: Role,
  stream: Uint8Array,
  chunk: number,
  rest: Uint8Array = new Uint8Array(),
) {
  const [ourSide, peer] = memoryPair(chunk === 1 ? 64 : undefined);
  const agreement = { isServer: role === "server", target: "/", rest };
  const channel = new WebSocketChannel(ourSide, agreement, { maxMessage: MAX_MESSAGE }, silent);
  const [events, output] = await soon(
    Promise.all([
      received(channel),
      readAll(peer),
      feed(peer, stream, chunk).catch(() => {}), // The channel may be closed before.
    ]),
    "both ends",
  );
  return { events, sent: sent(output, role) };
}

/** A peer's Close without a code shows only in our answer. */
function expectation([, , events, answers = []]: Case) {
  return { events: events.map((event) => event.replace(/^closed .*/, "closed")), sent: answers };
}

async function check(role: Role, row: Case, stream: Uint8Array): Promise<void> {
  const expected = expectation(row);
  assertEquals(await play(role, stream, stream.length || 1), expected, "in one piece");
  assertEquals(await play(role, stream, 7), expected, "in pieces of 7 bytes");
  if (stream.length < 1000) {
    assertEquals(await play(role, stream, 1), expected, "byte by byte");
    assertEquals(await play(role, new Uint8Array(), 1, stream), expected, "behind the handshake");
  }
}

const parts = (notation: string) => notation.split("|").filter(Boolean).map(bytes);

for (const row of cases) {
  const [name, notation] = row;
  Deno.test(`RFC 6455, as a client: ${name}`, async () => {
    await check("client", row, concat(parts(notation)));
  });
  Deno.test(`RFC 6455, as a server: ${name}`, async () => {
    const stream = concat(parts(notation).map((one) => one.length < 2 ? one : masked(one)));
    await check("server", row, stream);
  });
}

for (const row of clientCases) {
  Deno.test(`RFC 6455, as a client: ${row[0]}`, async () => {
    await check("client", row, concat(parts(row[1])));
  });
}

for (const row of serverCases) {
  Deno.test(`RFC 6455, as a server: ${row[0]}`, async () => {
    await check("server", row, concat(parts(row[1])));
  });
}
