/** Incomplete messages: their memory, all together, is limited. */
import { lacks } from "../support/parts.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { encode } from "../support/connections.ts";
import { rss } from "../support/process.ts";
import { connect } from "../support/transports.ts";
import { until } from "../support/wait.ts";
import { Coax } from "./coax.ts";

const MiB = 1024 * 1024;
const PEERS = 24;

/** How a message of 16 MiB begins in each frame. */
const beginnings: [frame: string, start: Uint8Array][] = [
  ["line", new Uint8Array()],
  ["nul", new Uint8Array()],
  ["len4", Uint8Array.of(1, 0, 0, 0)],
  ["jsonl", encode('{"text":"')],
];

for (const [frame, start] of beginnings) {
  Deno.test({
    name: `24 unfinished messages, in --frame ${frame}, don't take 24 × 16 MiB of a relay`,
    ignore: lacks("/proc"),
    async fn() {
      const target = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
      const { port } = target.addr as Deno.NetAddr;
      await using relay = Coax.start(["relay", "127.0.0.1:0", `udp://127.0.0.1:${port}`].concat(
        ["--frame", frame, "--idle-timeout", "1m"],
      ));
      const address = await relay.address();
      const base = rss(relay.pid);
      let most = base;
      const watch = setInterval(() => most = Math.max(most, rss(relay.pid)), 5);
      const message = concat([start, new Uint8Array(16 * MiB - 4096).fill(0x61)]);
      const connections = await Promise.all(Array.from({ length: PEERS }, () => connect(address)));
      await Promise.all(connections.map((connection) => connection.write(message).catch(() => {})));
      const refused = () => relay.stderr.match(/take over 256 MiB/g)?.length ?? 0;
      await until(() => refused() >= PEERS - 17, "the largest to be refused");
      clearInterval(watch);
      assertMatch(
        relay.stderr,
        /^coax: (?:\[\d+\] )?receive from 127\.0\.0\.1:\d+: all messages that aren't whole/m,
      );
      const grown = (most - base) / MiB;
      assert(grown < 360, `grown by ${grown.toFixed(1)} MiB`);

      const good = await connect(address);
      const text = frame === "jsonl" ? '{"text":"hi"}\n' : "hi\n";
      const whole = { nul: encode("hi\0"), len4: Uint8Array.of(0, 0, 0, 2, 0x68, 0x69) }[frame];
      await good.write(whole ?? encode(text));
      const [data] = await target.receive();
      assertEquals(new TextDecoder().decode(data), "hi");
      for (const connection of [good, ...connections]) connection.close();
      target.close();
    },
  });
}
