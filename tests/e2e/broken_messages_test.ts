/**
 * How a WebSocket ends is how the bytes of a relay's other leg end: in order only where it did.
 * A clean end would tell whoever reads those bytes that they are all that there was.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { readAll } from "../support/connections.ts";
import { type Service, service } from "../support/transports.ts";
import { answerHandshake, streamOf, UPGRADE } from "../support/websocket.ts";
import { bytes, masked } from "../ws/wire.ts";
import { until } from "../support/wait.ts";
import { Coax, temporary } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";

interface Ending {
  readonly frames: readonly string[];
  /** What the relay logs; undefined for an end in order. */
  readonly logged?: RegExp;
}

const PART = '82 04 "part"';

/** What a peer sends after a message, before its FIN. */
const ENDINGS: Record<string, Ending> = {
  "Close 1000": { frames: ["88 02 03e8"] },
  "Close 1001": { frames: ['88 06 03e9 "away"'] },
  "a Close without a code": { frames: ["88 00"] },
  "no Close": { frames: [], logged: /closed with 1006/ },
  "Close 1011": { frames: ['88 06 03f3 "boom"'], logged: /closed with 1011: boom/ },
  "Close 4000": { frames: ["88 02 0fa0"], logged: /closed with 4000/ },
  "text that isn't UTF-8": { frames: ["81 01 ff"], logged: /UTF-8/ },
  "a message that is too long": { frames: ["82 15 78*21"], logged: /closed with 1009/ },
  "a reserved bit": { frames: ["b2 01 78"], logged: /reserved bit/ },
  "Close 1000 within a message": { frames: ["02 01 78", "88 02 03e8"], logged: /inside a message/ },
};

/** A server that answers the handshake, sends `frames` and FIN, and reads on. */
async function wsServer(frames: Uint8Array): Promise<Service> {
  return await service("127.0.0.1:0", async (connection) => {
    await answerHandshake(connection);
    await connection.write(frames);
    await connection.closeWrite();
    await readAll(connection);
    connection.close();
  });
}

/** What a TCP peer gets, and how that ends. */
async function gets(conn: Deno.Conn): Promise<string> {
  let text = "";
  try {
    for (let next; (next = await receiveText(conn, 1)) !== "";) text += next;
    return `${text}, end`;
  } catch (error) {
    return `${text}, ${error instanceof Deno.errors.ConnectionReset ? "reset" : error}`;
  }
}

for (const [name, { frames, logged }] of Object.entries(ENDINGS)) {
  const expected = logged ? "part, reset" : "part, end";

  Deno.test(`relay: a WebSocket target's end is passed on to TCP: ${name}`, async () => {
    await using target = await wsServer(concat([PART, ...frames].map(bytes)));
    const args = ["relay", "0", target.addresses[0]!.replace("tcp", "ws"), "--max-message", "20"];
    await using relay = Coax.start(args);
    using conn = await connectTo(await relay.address());
    assertEquals(await gets(conn), expected);
    if (logged) await relay.logs(logged);
    else assertEquals(/^coax: .*/m.exec(relay.stderr), null);
  });

  Deno.test(`relay: a WebSocket client's end is passed on to TCP: ${name}`, async () => {
    using target = listenHere();
    const args = ["relay", "ws://127.0.0.1:0", target.address, "--max-message", "20"];
    await using relay = Coax.start(args);
    using conn = await connectTo(`tcp://${streamOf(await relay.address())}`);
    await send(conn, UPGRADE);
    using reached = await target.accept();
    for (const frame of [PART, ...frames]) await send(conn, masked(bytes(frame)));
    await conn.closeWrite();
    assertEquals(await gets(reached), expected);
    if (logged) await relay.logs(logged);
    else assertEquals(/^coax: .*/m.exec(relay.stderr), null);
  });
}

Deno.test("relay: a Unix client that can't see how a WebSocket ended is named in the log", async () => {
  await using directory = await temporary();
  await using target = await wsServer(bytes(`${PART} 88 06 03f3 "boom"`));
  const from = `unix:${directory.path}/socket`;
  await using relay = Coax.start(["relay", from, target.addresses[0]!.replace("tcp", "ws")]);
  await relay.address();
  using conn = await Deno.connect({ transport: "unix", path: `${directory.path}/socket` });
  assertEquals(await gets(conn), "part, end");
  await relay.logs(/closed with 1011: boom; the other peer saw a plain end/);
});

Deno.test("relay --text: a client whose bytes aren't text sees no clean end", async () => {
  await using target = await wsServer(bytes(PART));
  await using relay = Coax.start([
    "relay",
    "0",
    target.addresses[0]!.replace("tcp", "ws"),
    "--text",
  ]);
  using conn = await connectTo(await relay.address());
  await send(conn, Uint8Array.of(0xff, 0x0a));
  assertMatch(await gets(conn), /reset$/);
  await relay.logs(/not UTF-8 text/);
});

Deno.test("relay: a command doesn't take what a WebSocket's broken end cuts short for all", async () => {
  await using directory = await temporary();
  const file = `${directory.path}/upload`;
  const command = `sh:cat > '${file}' && echo ' and all of it' >> '${file}'`;
  for (const frames of ["88 02 03e8", "", "88 02 03f3", "88 02 0fa0"]) {
    const isWhole = frames === "88 02 03e8";
    await using relay = Coax.start(["relay", "--once", "ws://127.0.0.1:0", command]);
    using conn = await connectTo(`tcp://${streamOf(await relay.address())}`);
    await send(conn, UPGRADE);
    await send(conn, masked(bytes(PART)));
    await until(async () => await Deno.readTextFile(file).catch(() => "") === "part", "the part");
    if (frames) await send(conn, masked(bytes(frames)));
    await conn.closeWrite();
    const { status } = await relay.exit();
    const expected = isWhole ? [0, "part and all of it\n"] : [8, "part"];
    assertEquals([status, await Deno.readTextFile(file)], expected);
    await Deno.remove(file);
  }
});
