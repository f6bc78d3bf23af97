/** A dial that fails after its connection was made keeps no descriptor, whatever the failure. */
import { lacks } from "../support/parts.ts";
import { assert } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { parseProxy } from "../../src/proxy/url.ts";
import { CoaxError } from "../../src/core/errors.ts";
import { dial } from "../../src/transports/mod.ts";
import { libc } from "../../src/transports/libc.ts";
import { encode } from "../support/connections.ts";
import { DIALING } from "../support/options.ts";
import { until } from "../support/wait.ts";

libc(); // Before the sanitizers look: it stays open.

/** How often each dial fails: a leak of one each time can't be overlooked. */
const TIMES = 25;

const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;

/** What a peer does with a connection that it has accepted, but for closing it. */
const misdeeds: Record<string, (conn: Deno.Conn) => Promise<unknown> | void> = {
  "closes at once": () => {},
  "answers with garbage": async (conn) => {
    const line = encode("\0\xff no such protocol\r\n\r\n");
    await conn.write(line).catch(() => {});
    await conn.read(new Uint8Array(512)).catch(() => {});
  },
  "closes with something unread, which is a reset": async (conn) => {
    await conn.read(new Uint8Array(1)).catch(() => {});
  },
};

/** Serves every connection as a misdeed says; on TCP, or at a path. */
function misbehave(misdeed: (conn: Deno.Conn) => Promise<unknown> | void, path?: string) {
  const listener = path
    ? Deno.listen({ transport: "unix", path })
    : Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const handle = async (conn: Deno.Conn) => {
    await misdeed(conn);
    conn.close();
  };
  const over = (async () => {
    for await (const conn of listener) await handle(conn);
  })();
  const port = path ? 0 : (listener.addr as Deno.NetAddr).port;
  return {
    port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await over.catch(() => {});
    },
  };
}

/** Dials that break behind the connection; the last two write a preface that is too long. */
const dials: Record<string, (port: number, path: string) => Promise<unknown>> = {
  tls: (port) => dial(parseAddress(`tls://127.0.0.1:${port}`), DIALING),
  "tls, without verification": (port) =>
    dial(parseAddress(`tls://127.0.0.1:${port}`), { ...DIALING, tls: { insecure: true } }),
  "tls, pinned": (port) =>
    dial(parseAddress(`tls://127.0.0.1:${port}`), { ...DIALING, tls: { pin: "0".repeat(64) } }),
  ws: (port) => dial(parseAddress(`ws://127.0.0.1:${port}`), DIALING),
  wss: (port) => dial(parseAddress(`wss://127.0.0.1:${port}`), DIALING),
  "ws+unix": (_, path) => dial(parseAddress(`ws+unix:${path}`), DIALING),
  "tcp through socks5": (port) => through(`socks5://127.0.0.1:${port}`),
  "tcp through http": (port) => through(`http://127.0.0.1:${port}`),
  "tcp with a preface": (port) => dial(parseAddress(`127.0.0.1:${port}`), { ...DIALING, preface }),
  "unix with a preface": (_, path) => dial(parseAddress(`unix:${path}`), { ...DIALING, preface }),
};

/** Awaits a dial that has to reject with an error of ours. */
async function fails(attempt: () => Promise<unknown>): Promise<void> {
  const error = await attempt().then(() => undefined, (error) => error);
  assert(error instanceof CoaxError, String(error));
}

const through = (proxy: string) =>
  dial(parseAddress("127.0.0.1:9"), { ...DIALING, via: [parseProxy(proxy)] });

/** More than any socket's buffers take while nobody reads. */
const preface = new Uint8Array(32 * 1024 * 1024);

for (const [scheme, attempt] of Object.entries(dials)) {
  for (const [name, misdeed] of Object.entries(misdeeds)) {
    Deno.test({
      name: `${scheme}: dials to a peer that ${name} keep no descriptor`,
      ignore: lacks("/proc"),
      async fn() {
        const folder = await Deno.makeTempDir();
        const path = `${folder}/socket`;
        const isUnix = scheme.includes("unix");
        {
          await using peer = misbehave(misdeed, isUnix ? path : undefined);
          await fails(() => attempt(peer.port, path)); // Loads what it needs.
          const before = descriptors();
          for (let time = 0; time < TIMES; time++) {
            await fails(() => attempt(peer.port, path));
          }
          await until(
            () => descriptors() <= before + 2,
            `${descriptors() - before} descriptors more than before`,
          );
        }
        await Deno.remove(folder, { recursive: true });
      },
    });
  }
}
