import { assertEquals } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { Log } from "../../src/core/log.ts";
import type { Datagrams, Peer } from "../../src/transports/datagram/datagrams.ts";
import { DatagramSocket } from "../../src/transports/datagram/socket.ts";
import { soon } from "../support/wait.ts";

Deno.test("a datagram that can't be taken whole is told of without -v", async () => {
  const tooLong = new BrokenError("receive from", "unixgram:/run/x", "more than 9 bytes: dropped");
  const failures: Error[] = [tooLong, new Deno.errors.ConnectionRefused("refused")];
  const closed = Promise.withResolvers<void>();
  const receivedAll = Promise.withResolvers<void>();
  const datagrams: Datagrams<Peer> = {
    addr: { transport: "unixpacket", path: "/run/y" } as unknown as Datagrams<Peer>["addr"],
    async receive() {
      const failure = failures.shift();
      if (failure) throw failure;
      receivedAll.resolve();
      await closed.promise;
    },
    send: () => undefined,
    close: closed.resolve,
  };
  const lines: string[] = [];
  const log = new Log(({ level, text }) => lines.push(`${level}: ${text}`), "info");
  const socket = new DatagramSocket(datagrams, log, () => true);
  await soon(receivedAll.promise, "both failures");
  socket.release();
  assertEquals(lines, ["warn: receive from unixgram:/run/x: more than 9 bytes: dropped"]);
});
