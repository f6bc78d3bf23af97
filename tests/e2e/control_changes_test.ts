/** Toxics that come, change and go over HTTP while connections carry bytes. */
import { assertEquals } from "@std/assert";
import { below, generator, pick } from "../support/random.ts";
import { Coax } from "./coax.ts";
import { ControlProcess } from "./control.ts";
import { connectTo, randomBytes, receive, send, sha256 } from "./peers.ts";

/** Toxics that take no byte, and changes of each. */
const KINDS: readonly [type: string, ...attributes: Record<string, number>[]][] = [
  ["latency", { latency: 20 }, { latency: 5, jitter: 5 }, { latency: 0 }],
  ["bandwidth", { rate: 100_000 }, { rate: 1_000_000 }],
  ["slicer", { average_size: 1000, size_variation: 500 }, { average_size: 20_000 }],
  ["slow_close", { delay: 20 }, { delay: 0 }],
  ["slow_open", { delay: 10 }, { delay: 0 }],
  ["noop", {}, {}],
];

Deno.test("1,000 changes over HTTP while 50 connections carry bytes lose none of them", async () => {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const control = stack.use(await ControlProcess.start());
  const { listen } = await control.proxy("a", await echo.address());
  const random = generator(7);
  let changes = 0;
  const change = async () => {
    while (changes < 1000) {
      const [type, ...attributes] = pick(random, KINDS);
      const stream = below(random, 2) === 0 ? "upstream" : "downstream";
      const name = `${type}-${++changes}`;
      const path = `/proxies/a/toxics/${name}`;
      const toxic = { name, type, stream, attributes: attributes[0] };
      await control.json(200, "POST", "/proxies/a/toxics", toxic);
      for (const changed of attributes.slice(1)) {
        changes++;
        await control.json(200, "PATCH", path, { attributes: changed, toxicity: below(random, 2) });
      }
      changes++;
      assertEquals((await control.ask("DELETE", path)).status, 204);
    }
  };
  const carry = async () => {
    for (let rounds = 0; changes < 1000 || rounds === 0; rounds++) {
      using conn = await connectTo(`tcp://${listen}`);
      const bytes = randomBytes(50_000);
      const sending = send(conn, bytes).then(() => conn.closeWrite());
      assertEquals(await sha256(await receive(conn)), await sha256(bytes));
      await sending;
    }
  };
  const work = [...Array.from({ length: 50 }, carry), ...Array.from({ length: 8 }, change)];
  await Promise.all(work);
  assertEquals(await control.json(200, "GET", "/proxies/a/toxics"), []);
});
