/** A peer that sends EOF while our stdin is open: the effect of each `--eof`, on each transport. */
import { assert, assertEquals } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Connection, Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { dial } from "../../src/transports/mod.ts";
import { authority } from "../support/certificates.ts";
import { decode, encode, readAll } from "../support/connections.ts";
import { DIALING } from "../support/options.ts";
import { bind } from "../support/transports.ts";
import { soon } from "../support/wait.ts";
import { Coax, PIPE, temporary } from "./coax.ts";

const trusted = await authority();

const TRANSPORTS = {
  tcp: "127.0.0.1:0",
  unix: "unix:PATH/socket",
  tls: "tls://127.0.0.1:0",
  ws: "ws://127.0.0.1:0",
  wss: "wss://127.0.0.1:0",
};
const isSecure = (transport: string) => transport === "tls" || transport === "wss";

/** Sends its last bytes and closes; resolves with what it has received by its peer's EOF. */
async function closeFirst(connection: Connection): Promise<string> {
  if (connection.framing === "message") {
    await connection.send({ data: encode("bye"), text: true });
    connection.close();
    await connection.closed.catch(() => {});
    return "";
  }
  await connection.write(encode("bye\n"));
  await connection.closeWrite();
  const received = decode(await readAll(connection as Duplex));
  connection.close();
  return received;
}

for (const [transport, at] of Object.entries(TRANSPORTS)) {
  for (const eof of [undefined, "peer", "both"] as const) {
    const whole = transport.startsWith("ws");
    const atOnce = eof === "peer" || (whole && eof === undefined);
    const what = atOnce ? "ends at once" : "goes on until stdin ends";
    Deno.test(`over ${transport}, ${eof ? `with --eof ${eof}` : "by default"}, a peer's EOF ${what}, for client and server`, async () => {
      await using temp = await temporary();
      const { path } = temp;
      const identity = await trusted.issue();
      for (const [name, pem] of Object.entries({ ...identity, ca: trusted.pem })) {
        await Deno.writeTextFile(`${path}/${name}`, pem);
      }
      const args = eof ? ["--eof", eof] : [];

      const [listener] = await bind(at.replace("PATH", path), { tls: { identity } });
      const ca = isSecure(transport) ? ["--ca", `${path}/ca`] : [];
      const address = listener!.addresses[0]!;
      await using client = Coax.start(["client", ...args, ...ca, address], { stdin: PIPE });
      const incoming = await soon(listener!.accept(), "accept");
      listener!.close();
      const accepted = await incoming!.open(new AbortController().signal, silent);
      await check(client, accepted, atOnce);

      const pair = isSecure(transport) ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
      const words = ["server", ...args, ...pair, at.replace("PATH", path)];
      await using server = Coax.start(words, { stdin: PIPE });
      const visitor = await dial(parseAddress(await server.address()), {
        ...DIALING,
        tls: { ca: [trusted.pem] },
      });
      await check(server, visitor, atOnce);
    });
  }
}

async function check(coax: Coax, connection: Connection, atOnce: boolean): Promise<void> {
  const received = closeFirst(connection);
  await coax.prints(/bye\n/);
  if (atOnce) {
    assertEquals((await coax.exit()).status, 0, coax.stderr);
    await soon(received, "the end");
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert(coax.running, coax.stderr);
  await coax.write("an upload\n");
  if (connection.framing === "message") { // A WebSocket that is closed takes nothing more.
    assertEquals((await coax.exit()).status, 1, coax.stderr);
    await received;
    return;
  }
  await coax.end();
  assertEquals(await soon(received, "the upload"), "an upload\n");
  assertEquals((await coax.exit()).status, 0, coax.stderr);
}
