import { assertEquals } from "@std/assert";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { stepViewer } from "../../src/control/steps.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { tap } from "../../src/wrap/tap.ts";
import { encode, Script } from "../support/connections.ts";
import { recorder } from "../support/log.ts";

/** A connection of the proxy web whose client sends "ping", and its target. */
function relayed() {
  const registry = new ConnectionRegistry();
  const observer = registry.observerOf("web", { upstream: () => "h:1", toxicsOf: () => [] });
  const [client, target] = [new Script(["ping"]), new Script(["pong!"])];
  const accepted = { connection: client, id: observer.nextId(), peer: "1.2.3.4:5", local: "here" };
  const watch = observer.accepted({ ...accepted, log: silent });
  const connect = () => watch.connected(Object.assign(target, { peer: "10.0.0.1:80" }));
  return {
    registry,
    watch,
    connect,
    client: tap(client, watch.client),
    target: tap(target, watch.target),
  };
}

const buffer = new Uint8Array(100);

Deno.test("a viewer is told the steps of both sides", async () => {
  const { registry, connect, client, target } = relayed();
  const { log, events } = recorder("debug");
  const watching = registry.watch(stepViewer(log));
  connect();
  await client.read(buffer);
  await target.write(encode("ping"));
  await client.read(buffer);
  await target.closeWrite();
  await target.read(buffer);
  await client.write(encode("pong!"));
  client.close();
  target.close(new BrokenError("receive from", "10.0.0.1:80", "reset"));
  assertEquals(
    events.map(({ event, peer, text }) => [event, peer, text.replace(/\d\.\d{3}/, "0")]),
    [
      ["first-byte", "1.2.3.4:5", "receive: first byte from 1.2.3.4:5"],
      ["first-byte", "10.0.0.1:80", "send: first byte to 10.0.0.1:80"],
      ["half-close", "1.2.3.4:5", "1.2.3.4:5 is done sending, after 4 bytes"],
      ["half-close", "10.0.0.1:80", "we are done sending to 10.0.0.1:80, after 4 bytes"],
      ["first-byte", "10.0.0.1:80", "receive: first byte from 10.0.0.1:80"],
      ["first-byte", "1.2.3.4:5", "send: first byte to 1.2.3.4:5"],
      ["close", "1.2.3.4:5", "close 1.2.3.4:5: sent 5 bytes, received 4 bytes in 0 s"],
      [
        "close",
        "10.0.0.1:80",
        "close 10.0.0.1:80: sent 4 bytes, received 5 bytes in 0 s " +
        "(receive from 10.0.0.1:80: reset)",
      ],
    ],
  );
  assertEquals(
    events.every(({ id, proxy, level }) => id === 1 && proxy === "web" && level === "debug"),
    true,
  );
  watching[Symbol.dispose]();
});

Deno.test("a viewer that comes later is told what comes, with the counts of all", async () => {
  const { registry, connect, client, target } = relayed();
  connect();
  await client.read(buffer);
  await target.write(encode("ping"));
  const { log, events } = recorder("debug");
  const watching = registry.watch(stepViewer(log));
  await target.read(buffer);
  await client.write(encode("pong!"));
  target.close();
  watching[Symbol.dispose]();
  client.close();
  assertEquals(events.map(({ event, peer, sent, received }) => [event, peer, sent, received]), [
    ["first-byte", "10.0.0.1:80", undefined, undefined],
    ["first-byte", "1.2.3.4:5", undefined, undefined],
    ["close", "10.0.0.1:80", 4, 5],
  ]);
});
