import { assertEquals, assertRejects } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { RefusedError } from "../../src/core/errors.ts";
import type { Listener } from "../../src/core/listener.ts";
import { silent } from "../../src/core/log.ts";
import { Gate } from "../../src/gate/gate.ts";
import { PortError } from "../../src/gate/ports.ts";
import { Control } from "../../src/transports/gate/control.ts";
import { Prover } from "../../src/transports/gate/protocol.ts";
import { memoryPair } from "../support/memory.ts";
import { SERVING } from "../support/options.ts";
import { soon, until } from "../support/wait.ts";

/** A listener that nobody visits. */
function deserted(port: number): Listener {
  const closed = Promise.withResolvers<null>();
  return {
    addresses: [`tcp://127.0.0.1:${port}`],
    accept: () => closed.promise,
    close: () => closed.resolve(null),
  };
}

Deno.test("a gate counts who listens from its request on, until it has left or wasn't served", async () => {
  const prover = await Prover.with("secret");
  const binding: PromiseWithResolvers<Listener[]>[] = [];
  const stop = new AbortController();
  const gate = new Gate({
    prover,
    publicHost: "",
    maxListeners: 1,
    handshakeTimeout: undefined,
    bind: () => {
      binding.push(Promise.withResolvers());
      return binding.at(-1)!.promise;
    },
    observe: ({ connection }) => connection as Duplex,
    serving: { ...SERVING, stop: stop.signal },
  });
  const meetings: Promise<void>[] = [];
  const ask = () => {
    const [client, connection] = memoryPair();
    const accepted = { connection, id: 1, peer: "memory", local: "memory", log: silent };
    meetings.push(gate.meet(accepted));
    return Control.ask(client, 0, prover, "gate://memory", undefined);
  };
  const refused = (one: Promise<Control>, why: string) =>
    soon(assertRejects(() => one, RefusedError, why), "a refusal");

  const first = ask();
  await until(() => binding.length === 1, "the first one's port");
  await refused(ask(), "1 listen already");
  binding[0]!.reject(new PortError("address in use"));
  await refused(first, "address in use");

  const next = ask();
  await until(() => binding.length === 2, "the port of one that comes later");
  binding[1]!.resolve([deserted(1234)]);
  const control = await soon(next, "its answer");
  assertEquals(control.port, 1234);
  await refused(ask(), "1 listen already");
  control.close();
  await soon(Promise.allSettled(meetings), "the end of all");

  const last = ask();
  await until(() => binding.length === 3, "the port of the last one");
  binding[2]!.resolve([deserted(1235)]);
  (await soon(last, "its answer")).close();
  await soon(Promise.allSettled(meetings), "the end of the last one");
  await soon(gate.over(), "the end of all visitors");
});
