/** Names with letters beyond ASCII: coax sends each in its ASCII form. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { acceptFor } from "../../src/ws/key.ts";
import { decode, encode, readAll, readExactly } from "../support/connections.ts";
import { connect, type Service, service } from "../support/transports.ts";
import { soon } from "../support/wait.ts";
import { Coax, run } from "./coax.ts";

const WRITTEN = "Bücher.example";
const NAME = "xn--bcher-kva.example";

const at = (server: Service) => server.addresses[0]!.replace("tcp://", "");

async function readHead(connection: Duplex): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) head += decode(await readExactly(connection, 1));
  return head;
}

/** A proxy that connects nowhere; requests to it, and through it, are in `received`. */
async function httpProxy(received: string[], target: (connection: Duplex) => Promise<void>) {
  return await service("127.0.0.1:0", async (connection) => {
    received.push(await readHead(connection));
    await connection.write(encode("HTTP/1.1 200 OK\r\n\r\n"));
    await target(connection);
    connection.close();
  });
}

/** The same for SOCKS5: the requested name. */
async function socksProxy(received: string[]) {
  return await service("127.0.0.1:0", async (connection) => {
    await connection.write(Uint8Array.of(5, 0));
    const [, count] = await readExactly(connection, 2);
    await readExactly(connection, count! + 4);
    const [length] = await readExactly(connection, 1);
    received.push(decode(await readExactly(connection, length!)));
    await readExactly(connection, 2);
    await connection.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    await connection.closeWrite();
    await readAll(connection);
    connection.close();
  });
}

Deno.test("CONNECT and its Host have a name in ASCII", async () => {
  const received: string[] = [];
  await using proxy = await httpProxy(received, (connection) => connection.closeWrite());
  const via = ["--via", `http://${at(proxy)}`];
  const { status, stderr } = await run(["client", `${WRITTEN}:80`, ...via], { stdin: "" });
  assertEquals(status, 0, stderr);
  assertMatch(received[0]!, new RegExp(`^CONNECT ${NAME}:80 HTTP/1.1\r\nHost: ${NAME}:80\r\n`));
});

Deno.test("SOCKS5 is asked for a name in ASCII, also for the next proxy", async () => {
  const received: string[] = [];
  await using proxy = await socksProxy(received);
  const via = ["--via", `socks5://${at(proxy)}`];
  await run(["client", `${WRITTEN}:80`, ...via], { stdin: "" });
  await run(["client", "h:80", ...via, "--via", `http://${WRITTEN}:3128`], { stdin: "" });
  assertEquals(received, [NAME, NAME]);
});

Deno.test("a WebSocket's Host and Origin have names in ASCII", async () => {
  const received: string[] = [];
  await using proxy = await httpProxy(received, async (connection) => {
    const request = await readHead(connection);
    received.push(request);
    const accept = await acceptFor(/Sec-WebSocket-Key: (.*)\r/.exec(request)![1]!);
    await connection.write(encode(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    ));
    await connection.write(Uint8Array.of(0x88, 2, 3, 0xe8));
    await readAll(connection);
  });
  const args = ["--via", `http://${at(proxy)}`, "--origin", `https://${WRITTEN}`];
  const { status, stderr } = await run(["client", `ws://${WRITTEN}:8080/x`, ...args], {
    stdin: "",
  });
  assertEquals(status, 0, stderr);
  assertMatch(received[1]!, new RegExp(`^Host: ${NAME}:8080\r$`, "m"));
  assertMatch(received[1]!, new RegExp(`^Origin: https://${NAME}\r$`, "m"));
});

for (const [option, host] of [["the address", WRITTEN], ["--server-name", "localhost"]] as const) {
  Deno.test(`TLS asks for a name in ASCII: ${option}`, async () => {
    const received: string[] = [];
    await using proxy = await httpProxy(received, async (connection) => {
      const [, , , high, low] = await readExactly(connection, 5);
      received.push(decode(await readExactly(connection, high! << 8 | low!)));
    });
    const args = ["--via", `http://${at(proxy)}`];
    if (option === "--server-name") args.push(option, WRITTEN);
    const { status } = await run(["client", `tls://${host}:443`, ...args], { stdin: "" });
    assertEquals(status, 6);
    assert(received[1]!.includes(NAME), received[1]);
  });
}

Deno.test("--allow-target and a proxy's clients mean the same name, however it is written", async () => {
  const received: string[] = [];
  await using next = await socksProxy(received);
  for (const listed of [WRITTEN, NAME.toUpperCase()]) {
    const args = ["--via", `socks5://${at(next)}`, "--allow-target", listed];
    await using relay = Coax.start(["relay", "127.0.0.1:0", "socks5:", ...args]);
    const address = await relay.address();
    for (const asked of [WRITTEN, NAME, `${NAME}.`]) {
      const connection = await connect(address);
      const name = encode(asked);
      await connection.write(Uint8Array.of(5, 1, 0, 5, 1, 0, 3, name.length, ...name, 0, 80));
      await readExactly(connection, 2);
      assertEquals(
        (await soon(readExactly(connection, 10), "a reply"))[1],
        0,
        `${listed} ${asked}`,
      );
      connection.close();
    }
  }
  assertEquals(new Set(received), new Set([NAME, `${NAME}.`]));
});

Deno.test("a name without an ASCII form is a usage error, in every place", async () => {
  const wrong = "xn--a.example";
  const lines = [
    ["client", `${wrong}:1`],
    ["client", "אab.example:1"],
    ["client", "localhost:1", "--via", `http://${wrong}:1`],
    ["client", "tls://localhost:1", "--server-name", wrong],
    ["client", "ws://localhost:1", "--origin", `http://אab.example`],
    ["relay", "0", "socks5:", "--allow-target", wrong],
    ["chat", "0", "--bus", `nats://${wrong}`],
  ];
  for (const line of lines) {
    const { status, stderr } = await run(line, { stdin: "" });
    assertEquals(status, 2, `${line.join(" ")}: ${stderr}`);
  }
});

Deno.test("an empty user logs in to an HTTP proxy", async () => {
  const received: string[] = [];
  await using proxy = await httpProxy(received, (connection) => connection.closeWrite());
  const via = ["--via", `http://:p%40w@${at(proxy)}`];
  const { status, stderr } = await run(["client", "h:80", ...via], { stdin: "" });
  assertEquals(status, 0, stderr);
  assertMatch(received[0]!, new RegExp(`\r\nProxy-Authorization: Basic ${btoa(":p@w")}\r\n`));
});
