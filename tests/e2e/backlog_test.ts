/** A burst of connects: the kernel holds them until coax accepts. */
import { assertEquals } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { Coax, temporary } from "./coax.ts";
import { connectTo, soon } from "./peers.ts";

/**
 * More than twice what the runtime lets wait on a Unix socket, and four times that on TCP; the
 * kernel's limit, where that is lower.
 */
const BURST = lacks("/proc")
  ? 0
  : Math.min(2500, Number(Deno.readTextFileSync("/proc/sys/net/core/somaxconn")));

const listeners = [
  { name: "TCP", args: () => ["127.0.0.1:0"] },
  { name: "TLS", args: () => ["tls://127.0.0.1:0", "--self-signed"] },
  { name: "WebSocket", args: () => ["ws://127.0.0.1:0"] },
  { name: "WebSocket over TLS", args: () => ["wss://127.0.0.1:0", "--self-signed"] },
  { name: "Unix sockets", args: (folder: string) => [`unix:${folder}/s`] },
  { name: "Unix sockets by relative paths", args: () => ["unix:s"] },
];

for (const { name, args } of listeners) {
  Deno.test({
    name: `a burst of connections over ${name} waits for a listener that is busy`,
    ignore: lacks("/proc"),
    async fn() {
      await using folder = await temporary();
      await using coax = Coax.start(["echo", ...args(folder.path)], { cwd: folder.path });
      const address = (await coax.address()).replace(/^(tls|wss?):/, "tcp:")
        .replace("unix:s", `unix:${folder.path}/s`);
      coax.signal("SIGSTOP");
      const connecting = Array.from({ length: BURST }, () => connectTo(address));
      const connected = await soon(Promise.allSettled(connecting), "connect");
      for (const result of connected) if (result.status === "fulfilled") result.value.close();
      assertEquals(connected.filter(({ status }) => status === "rejected"), []);
    },
  });
}
