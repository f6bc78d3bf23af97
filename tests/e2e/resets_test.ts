/** Resets (RFC 9293 §3.5.2): a relay passes them on, and a listener tells of those it missed. */
import { assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { ResetError } from "../../src/core/errors.ts";
import { dial } from "../../src/transports/mod.ts";
import { authority } from "../support/certificates.ts";
import { DIALING } from "../support/options.ts";
import { lacks } from "../support/parts.ts";
import { fromOf, type Scheme, SCHEMES, type Side, target, visit } from "../support/sides.ts";
import { soon, until } from "../support/wait.ts";
import { Coax, run, temporary } from "./coax.ts";

const issuer = await authority();
const identity = await issuer.issue();

/** What a side sees when the other one has been reset. */
const SEEN: Record<Scheme, string> = { tcp: "reset", tls: "reset", ws: "1011", unix: "end" };
const RESETTING = ["tcp", "tls", "ws"] as const;

/** A relay between two transports, and both its peers, which have greeted each other. */
async function connected(stack: AsyncDisposableStack, from: Scheme, to: Scheme, ...more: string[]) {
  const { path } = stack.use(await temporary());
  for (const [name, pem] of Object.entries({ ...identity, ca: issuer.pem })) {
    await Deno.writeTextFile(`${path}/${name}`, pem);
  }
  const targets = stack.use(await target(to, path, identity));
  const own = from === "tls" ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
  const theirs = to === "tls" ? ["--ca", `${path}/ca`] : [];
  const args = [
    "relay",
    fromOf(from, path),
    targets.addresses[0]!,
    ...own,
    ...theirs,
    "--access-log",
    ...more,
  ];
  const relay = stack.use(Coax.start(args));
  const reached = targets.next();
  const clientSide = stack.use(await visit(await relay.address(), issuer.pem));
  await clientSide.greet();
  const targetSide = stack.use(await reached);
  await targetSide.awaitGreeting();
  await targetSide.greet();
  await clientSide.awaitGreeting();
  return { relay, clientSide, targetSide };
}

async function assertPassedOn(relay: Coax, by: Side, to: Side, shown: string): Promise<void> {
  by.reset();
  assertEquals(await soon(to.fate(), "the other side's fate"), shown);
  await relay.logs(/coax: \[1\] .*\n/);
  const passed = shown === "end" ? "; the other peer saw a plain end" : "";
  assertMatch(relay.stderr, new RegExp(`reset by peer${passed}(\\)|\\n)|closed with 1006`));
  const [, line] = await relay.logs(/^\[1\] \S+ → \S+ {2}↑ 5 B {2}↓ 5 B {2}[\d.]+ m?s {2}(.*)\n/m);
  assertMatch(line!, new RegExp(`^(reset by peer${passed}|closed with 1006.*)$`));
}

for (const from of RESETTING) {
  for (const to of SCHEMES) {
    Deno.test(`a client's reset reaches the target of a relay from ${from} to ${to}`, async () => {
      await using stack = new AsyncDisposableStack();
      const { relay, clientSide, targetSide } = await connected(stack, from, to);
      await assertPassedOn(relay, clientSide, targetSide, SEEN[to]);
    });
  }
}

for (const from of SCHEMES) {
  for (const to of ["tcp", "tls"] as const) {
    Deno.test(`a target's reset reaches the client of a relay from ${from} to ${to}`, async () => {
      await using stack = new AsyncDisposableStack();
      const { relay, clientSide, targetSide } = await connected(stack, from, to);
      await assertPassedOn(relay, targetSide, clientSide, SEEN[from]);
    });
  }
}

Deno.test({
  name:
    "a connection that is reset before it is accepted is told by -v, and the next one is served",
  ignore: lacks("/proc"),
  async fn() {
    const kinds = ["tcp://127.0.0.1:0", "tls://127.0.0.1:0", "ws://127.0.0.1:0"];
    await using echo = Coax.start(["echo", "-v", ...kinds, "--self-signed"]);
    const addresses = await echo.listening(kinds.length);
    echo.signal("SIGSTOP");
    for (const address of addresses) {
      for (let i = 0; i < 10; i++) {
        const visitor = await dial(parseAddress(address.replace(/^\w+/, "tcp")), DIALING);
        if (i % 2) await (visitor as Duplex).write(new Uint8Array(i));
        visitor.close(new ResetError("test", "visitor"));
      }
    }
    echo.signal("SIGCONT");
    for (const address of addresses) {
      const trust = address.startsWith("tls") ? ["--insecure"] : [];
      const { status, out } = await run(["client", address, ...trust, "--send", "late"]);
      assertEquals([status, out.trimEnd()], [0, "late"]);
    }
    // The runtime asks nothing of a TLS connection that would show a reset before its handshake.
    const told = /^a connection to 127\S+ was reset before it was accepted$|^coax: .*handshake/gm;
    const count = () => echo.stderr.match(told)?.length;
    await until(() => count() === kinds.length * 10, "a line for each");
  },
});
