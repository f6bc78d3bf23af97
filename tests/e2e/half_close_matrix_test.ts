/**
 * Half-close through a relay between every two transports that have it, whichever side closes
 * first, with or without bytes before: 36 cases, with a relay as a process.
 */
import { assertEquals } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { authority } from "../support/certificates.ts";
import { decode, encode, readAll } from "../support/connections.ts";
import { connect, type Service, service } from "../support/transports.ts";
import { soon } from "../support/wait.ts";
import { Coax, temporary } from "./coax.ts";

const SCHEMES = ["tcp", "unix", "tls"] as const;
type Scheme = (typeof SCHEMES)[number];

/** Bytes that the first side sends before its EOF; the other answers after it. */
const CASES = [
  { first: "client", says: "a question" },
  { first: "client", says: "" },
  { first: "target", says: "a greeting" },
  { first: "target", says: "" },
] as const;

const LATE = "said after the other's end ".repeat(10_000);

/** Sends `words`, half-closes, and returns all that the other side sends afterwards. */
async function closeFirst(connection: Duplex, words: string): Promise<string> {
  await connection.write(encode(words));
  await connection.closeWrite();
  return decode(await readAll(connection));
}

/** Reads until EOF, and only then answers. */
async function closeSecond(connection: Duplex): Promise<string> {
  const received = decode(await readAll(connection));
  await connection.write(encode(LATE));
  await connection.closeWrite();
  return received;
}

for (const from of SCHEMES) {
  for (const to of SCHEMES) {
    Deno.test(`half-close through a relay from ${from} to ${to}, four ways`, async () => {
      await using stack = new AsyncDisposableStack();
      const { path } = stack.use(await temporary());
      const issuer = await authority();
      const identity = await issuer.issue();
      for (const [name, pem] of Object.entries({ ...identity, ca: issuer.pem })) {
        await Deno.writeTextFile(`${path}/${name}`, pem);
      }
      const at = (scheme: Scheme, name: string) =>
        scheme === "unix" ? `unix:${path}/${name}` : `${scheme}://127.0.0.1:0`;

      const accepted: ((connection: Duplex) => void)[] = [];
      const targets: Service = stack.use(
        await service(
          at(to, "target"),
          (connection) => (accepted.shift()!(connection), connection.closed),
          silent,
          {
            tls: { identity },
          },
        ),
      );
      const own = from === "tls" ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
      const theirs = to === "tls" ? ["--ca", `${path}/ca`] : [];
      const args = ["relay", at(from, "relay"), targets.addresses[0]!, ...own, ...theirs];
      const relay = stack.use(Coax.start(args));
      const address = await relay.address();

      for (const { first, says } of CASES) {
        const reached = new Promise<Duplex>((resolve) => accepted.push(resolve));
        const client = await connect(address, silent, { tls: { ca: [issuer.pem] } });
        const target = await soon(reached, "the target");
        const [one, other] = first === "client" ? [client, target] : [target, client];
        const received = await soon(Promise.all([closeFirst(one, says), closeSecond(other)]), says);
        assertEquals(received, [LATE, says], `${first} first, saying "${says}"`);
        for (const connection of [client, target]) connection.close();
      }
    });
  }
}
