/** Memory of a process: no more than its readers are behind. */
import { lacks } from "../support/parts.ts";
import { assert } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { ShutdownError } from "../../src/core/errors.ts";
import { rss } from "../support/process.ts";
import { connect, service } from "../support/transports.ts";
import { until } from "../support/wait.ts";
import { connectWs } from "../support/websocket.ts";
import { Coax } from "./coax.ts";

const MiB = 1024 * 1024;
const READERS = 50;
const OFFERED = 10 * MiB;

Deno.test({
  name: "50 stalled readers, 10 MiB offered to each, don't grow a relay by more than 60 MiB",
  ignore: lacks("/proc"),
  async fn() {
    let written = 0;
    const chunk = new Uint8Array(256 * 1024);
    await using offering = await service("0", async (connection) => {
      for (let sent = 0; sent < OFFERED; sent += chunk.length) {
        await connection.write(chunk);
        written += chunk.length;
      }
      await connection.closed;
    });
    await using relay = Coax.start(["relay", "0", offering.addresses[0]!]);
    const address = await relay.address();
    const base = rss(relay.pid);

    const readers: Duplex[] = [];
    for (let i = 0; i < READERS; i++) readers.push(await connect(address));
    let before = -1;
    let still = 0;
    await until(
      () => {
        still = written === before && written > 0 ? still + 1 : 0;
        before = written;
        return still === 100;
      },
      "the offer to stall",
      30_000,
    );
    const grown = rss(relay.pid) - base;
    assert(written < READERS * OFFERED, "nothing stalled");
    assert(grown <= 60 * MiB, `grown by ${(grown / MiB).toFixed(1)} MiB`);
    for (const reader of readers) reader.close(new ShutdownError());
  },
});

Deno.test({
  name: "a WebSocket sender is stopped by a stalled TCP target within a few MiB",
  ignore: lacks("/proc"),
  async fn() {
    await using notReading = await service("127.0.0.1:0", (connection) => connection.closed);
    await using relay = Coax.start(["relay", "ws://127.0.0.1:0", notReading.addresses[0]!]);
    const channel = await connectWs(await relay.address());
    await channel.send({ data: new Uint8Array(1000) });
    const base = await rss(relay.pid);

    let taken = 0;
    let stopping = false;
    const data = new Uint8Array(64 * 1024);
    const sending = (async () => {
      for (; !stopping && taken < 100 * MiB; taken += data.length) await channel.send({ data });
    })().catch(() => {}); // It is closed while it waits.
    let before = -1;
    let still = 0;
    await until(() => {
      still = taken === before && taken > 0 ? still + 1 : 0;
      before = taken;
      return still === 50;
    }, "the sender's stop");
    const grown = await rss(relay.pid) - base;
    assert(taken < 24 * MiB, `${taken / MiB} MiB were taken`); // Mostly by the kernel's buffers.
    assert(grown < 16 * MiB, `grown by ${(grown / MiB).toFixed(1)} MiB`);
    stopping = true;
    relay.signal("SIGKILL"); // A normal close would wait for a reader.
    channel.closed.catch(() => {});
    channel.close(new ShutdownError());
    await sending;
    await channel.closed.catch(() => {});
  },
});
