import { assertEquals, assertRejects } from "@std/assert";
import { BrokenError, TlsError, UsageError } from "../../../src/core/errors.ts";
import { silent } from "../../../src/core/log.ts";
import { startClient, type Trust } from "../../../src/transports/tls/handshake.ts";
import { resets } from "../../support/chaos.ts";
import { encode } from "../../support/connections.ts";

const options = { peer: "tls://host:1", log: silent };

/** An accepted connection that its peer has reset. */
async function resetConnection(): Promise<Deno.TcpConn> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const resetting = resets(`tcp://127.0.0.1:${listener.addr.port}`, 1);
  const conn = await listener.accept();
  await conn.write(encode("two"));
  await resetting;
  return conn;
}

Deno.test("TLS on a connection that is reset before it begins is a BrokenError that names it", async () => {
  const client = { hostname: "host" };
  for (const trust of ["anything", { caCerts: [] }] satisfies Trust[]) {
    const tcp = await resetConnection();
    const handshake = () => startClient(tcp, client, trust, options);
    const error = await assertRejects(handshake, BrokenError, "handshake tls://host:1: ");
    assertEquals(error.status, 1);
  }
});

Deno.test("a name that no server can have is a UsageError, whoever checks it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = { hostname: "no name" };
  for (const trust of ["anything", { caCerts: [] }] satisfies Trust[]) {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    (await listener.accept()).close();
    await assertRejects(() => startClient(tcp, client, trust, options), UsageError, '"no name"');
  }
});

Deno.test("a peer that hangs up in the handshake is a TlsError, whoever checks it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const trust of ["anything", { caCerts: [] }] satisfies Trust[]) {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const accepted = await listener.accept();
    const starting = startClient(tcp, { hostname: "host" }, trust, options);
    const failing = assertRejects(() => starting, TlsError, "does it speak TLS?");
    await accepted.read(new Uint8Array(9999));
    accepted.close();
    await failing;
  }
});
