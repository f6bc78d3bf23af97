/** permessage-deflate with the `ws` package as the peer, with all its options. */
import { assert, assertEquals } from "@std/assert";
import { WebSocket as NodeSocket, WebSocketServer } from "ws";
import { decode, encode } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";
import { soon, until } from "../support/wait.ts";
import { connectWs, wsEcho } from "../support/websocket.ts";

/** The package's `perMessageDeflate`. */
interface Options {
  serverNoContextTakeover?: boolean;
  clientNoContextTakeover?: boolean;
  serverMaxWindowBits?: number | boolean;
  clientMaxWindowBits?: number | boolean;
}

/** Texts that repeat themselves at distances below and above each window, long ones too. */
const TEXTS = [200, 300, 600, 1200, 2500, 5000, 10_000, 20_000, 32_000]
  .map((distance) => randomBytes(distance / 2).toHex().repeat(3))
  .concat("words and words again, ".repeat(30_000), "short", "");

function combinations(windows: readonly (number | boolean | undefined)[]): Options[] {
  return [undefined, true, false].flatMap((serverNoContextTakeover) =>
    [undefined, true].flatMap((clientNoContextTakeover) =>
      windows.flatMap((serverMaxWindowBits) =>
        windows.map((clientMaxWindowBits) => ({
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
        }))
      )
    )
  );
}

/** The requested options, and nothing else. */
function asked(options: Options): string {
  const offered = Object.entries(options).filter(([, value]) => value !== undefined);
  return offered.map(([name, value]) => `${name}: ${value}`).join(", ") || "nothing";
}

/** Errors of pairs that couldn't talk, for all combinations. */
async function failures(
  all: readonly Options[],
  exchange: (options: Options) => Promise<void>,
): Promise<string[]> {
  const failed: string[] = [];
  for (const options of all) {
    await exchange(options).catch((error) => failed.push(`${asked(options)}: ${error.message}`));
  }
  return failed;
}

Deno.test("a ws server with any permessage-deflate options is understood", async () => {
  // The package's zlib has no raw window of 2^8 to compress with, so that it may send 2^9 for it.
  const all = combinations([undefined, false, 9, 12, 15]);
  const failed = await failures(all, async (perMessageDeflate) => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
    let agreed = "";
    server.on("connection", (socket: NodeSocket) => {
      agreed = socket.extensions;
      socket.on("message", (data: Uint8Array, binary: boolean) => socket.send(data, { binary }));
    });
    await soon(new Promise((resolve) => server.on("listening", resolve)), "listening");
    try {
      const channel = await connectWs(`ws://127.0.0.1:${server.address().port}/`);
      for (const text of TEXTS) {
        const sending = channel.send({ data: encode(text), text: true });
        const answer = (await soon(channel.receive(), "an echo"))!;
        assert(decode(answer.data) === text, `${text.length} characters`);
        await sending;
      }
      channel.close();
      await soon(channel.closed, "closed");
      assertEquals(agreed, "permessage-deflate");
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
  assertEquals(failed, []);
});

Deno.test("a ws client with any permessage-deflate options is understood", async () => {
  await using echo = await wsEcho("ws://127.0.0.1:0");
  const all = combinations([undefined, 8, 9, 12, 15, true])
    .filter(({ serverMaxWindowBits }) => serverMaxWindowBits !== true);
  const failed = await failures(all, async (perMessageDeflate) => {
    const socket = new NodeSocket(echo.addresses[0]!, { perMessageDeflate });
    const answers: string[] = [];
    socket.on("message", (data: Uint8Array) => answers.push(decode(new Uint8Array(data))));
    await soon(
      new Promise((resolve, reject) => {
        socket.on("open", resolve);
        socket.on("error", reject);
      }),
      "open",
    );
    for (const text of TEXTS) socket.send(text);
    await until(() => answers.length === TEXTS.length, "all echoes");
    assert(answers.every((answer, i) => answer === TEXTS[i]));
    assertEquals(socket.extensions, "permessage-deflate");
    socket.close();
    await soon(new Promise((resolve) => socket.on("close", resolve)), "closed");
  });
  assertEquals(failed, []);
});
