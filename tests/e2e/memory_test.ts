import { assert } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { ShutdownError } from "../../src/core/errors.ts";
import { rss } from "../support/process.ts";
import { connect, service } from "../support/transports.ts";
import { until } from "../support/wait.ts";
import { Coax } from "./coax.ts";

const MiB = 1024 * 1024;
const READERS = 50;
const OFFERED = 10 * MiB;

Deno.test({
  name: "50 stalled readers, 10 MiB offered to each, don't grow a relay by more than 60 MiB",
  ignore: Deno.build.os !== "linux",
  async fn() {
    let written = 0;
    const chunk = new Uint8Array(256 * 1024);
    await using offering = await service("0", async (end) => {
      for (let sent = 0; sent < OFFERED; sent += chunk.length) {
        await end.write(chunk);
        written += chunk.length;
      }
      await end.closed;
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
