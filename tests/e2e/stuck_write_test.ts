/**
 * Visitors that send without reading until nothing more is taken, and leave: the relay's write is
 * blocked then, and its descriptors must be closed all the same.
 */
import { lacks } from "../support/parts.ts";
import { assert } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { endpointOf, flood } from "../support/chaos.ts";
import { descriptors, descriptorsBackTo } from "../support/process.ts";
import { DEADLINE, until } from "../support/wait.ts";
import { Coax, temporary } from "./coax.ts";

const VISITORS = 12;
const LIMIT = 4;
/** Longer than the closing of descriptors is waited for, milliseconds. */
const STAY = DEADLINE + 30_000;

const issuer = await authority();
const identity = await issuer.issue();

interface Case {
  readonly name: string;
  /** The listening address of the echo. */
  readonly at: string;
  /** Options of the echo, and of the relay. */
  readonly listening?: readonly string[];
  readonly relaying?: readonly string[];
  /** TO of the relay, if it isn't the echo's own address. */
  readonly to?: string;
  /** A client's first bytes, for a target at this port. */
  readonly hello?: (port: number) => Uint8Array<ArrayBuffer>;
}

const encode = (text: string) => new TextEncoder().encode(text);

const CASES: readonly Case[] = [
  { name: "TCP", at: "127.0.0.1:0" },
  { name: "a Unix socket", at: "unix:DIR/s" },
  { name: "WebSocket", at: "ws://127.0.0.1:0", relaying: ["--binary"] },
  {
    name: "TLS",
    at: "tls://127.0.0.1:0",
    listening: ["--cert", "DIR/pem", "--key", "DIR/pem"],
    relaying: ["--ca", "DIR/ca"],
  },
  {
    name: "TLS that trusts anybody",
    at: "tls://127.0.0.1:0",
    listening: ["--cert", "DIR/pem", "--key", "DIR/pem"],
    relaying: ["--insecure"],
  },
  {
    name: "a SOCKS5 server's target",
    at: "127.0.0.1:0",
    to: "socks5:",
    relaying: ["--allow-target", "127.0.0.1"],
    // RFC 1928 §3 and §4: no authentication; CONNECT to 127.0.0.1.
    hello: (port) => Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255),
  },
  {
    name: "an HTTP proxy's target",
    at: "127.0.0.1:0",
    to: "http-proxy:",
    relaying: ["--allow-target", "127.0.0.1"],
    hello: (port) =>
      encode(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
  },
];

/** An echo, and a relay to it that takes only a few connections. */
async function relayed(one: Case, stack: AsyncDisposableStack, ...more: string[]) {
  const { path } = stack.use(await temporary());
  await Deno.writeTextFile(`${path}/pem`, identity.cert + identity.key);
  await Deno.writeTextFile(`${path}/ca`, issuer.pem);
  const addressOf = (words: readonly string[] = []) =>
    words.map((word) => word.replace("DIR", path));
  const echo = stack.use(Coax.start(["echo", ...addressOf([one.at]), ...addressOf(one.listening)]));
  const at = await echo.address();
  const words = ["relay", "127.0.0.1:0", one.to ?? at, "-m", `${LIMIT}`, ...more];
  const relay = stack.use(Coax.start([...words, ...addressOf(one.relaying)]));
  const hello = one.hello?.(endpointOf(at).port);
  return { echo, relay, hello };
}

for (const one of CASES) {
  Deno.test({
    name: `visitors that leave while a write to ${one.name} is blocked leave no descriptor behind`,
    ignore: lacks("/proc"),
    async fn() {
      await using stack = new AsyncDisposableStack();
      const { echo, relay, hello } = await relayed(one, stack);
      const address = await relay.address();
      const before = [descriptors(echo.pid), descriptors(relay.pid)] as const;
      let most = 0;
      const watch = setInterval(() => most = Math.max(most, descriptors(relay.pid)), 10);
      try {
        for (let i = 0; i < VISITORS; i += 3) await flood(address, 3, 300, hello);
      } finally {
        clearInterval(watch);
      }
      // Both connections of each, one that is being refused, and what a lookup or a file needs for
      // a moment.
      assert(most - before[1] <= 2 * LIMIT + 4, `-m ${LIMIT}, and ${most - before[1]} more`);
      await descriptorsBackTo(before[0], echo.pid);
      await descriptorsBackTo(before[1], relay.pid);
    },
  });

  Deno.test({
    name: `--idle-timeout ends a blocked write to ${one.name}, and its descriptors are closed`,
    ignore: lacks("/proc"),
    async fn() {
      await using stack = new AsyncDisposableStack();
      const { echo, relay, hello } = await relayed(one, stack, "--idle-timeout", "1s");
      const address = await relay.address();
      const before = [descriptors(echo.pid), descriptors(relay.pid)] as const;
      const visitors = flood(address, 3, STAY, hello);
      await until(() => descriptors(relay.pid) >= before[1] + 6, "three visitors, both legs");
      await descriptorsBackTo(before[1], relay.pid);
      await descriptorsBackTo(before[0], echo.pid);
      await visitors;
    },
  });
}
