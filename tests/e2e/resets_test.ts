/** A reset is passed on as a reset by a relay (RFC 9293 §3.5.2). */
import { assertEquals, assertMatch } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { fromOf, type Scheme, SCHEMES, type Side, target, visit } from "../support/sides.ts";
import { soon } from "../support/wait.ts";
import { Coax, temporary } from "./coax.ts";

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
