/** toxiproxy's client for Node, unchanged, against a control: `npm:toxiproxy-node-client`. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Latency, type Proxy, Toxiproxy, ToxiproxyError } from "toxiproxy-node-client";
import { Coax } from "./coax.ts";
import { ControlProcess } from "./control.ts";
import { connectTo, receiveText, send } from "./peers.ts";

/** The client leaves the body of an error unread. */
const LEAKY = { sanitizeResources: false };

/** An echo, a control, and the client. */
async function setUp(stack: AsyncDisposableStack) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const upstream = (await echo.address()).replace("tcp://", "");
  const control = stack.use(await ControlProcess.start());
  return { upstream, control, toxiproxy: new Toxiproxy(control.url) };
}

/** Milliseconds for five bytes through a proxy and back. */
async function roundTrip({ listen }: Proxy): Promise<number> {
  using conn = await connectTo(`tcp://${listen}`);
  const start = performance.now();
  await send(conn, "hello");
  assertEquals(await receiveText(conn, 5), "hello");
  return performance.now() - start;
}

Deno.test("the client creates, lists, updates, disables and removes proxies", LEAKY, async () => {
  await using stack = new AsyncDisposableStack();
  const { upstream, toxiproxy } = await setUp(stack);
  assertEquals(await toxiproxy.getVersion(), '{"version": "2.12.0"}\n');
  const proxy = await toxiproxy.createProxy({ name: "echo", listen: "localhost:0", upstream });
  await roundTrip(proxy);
  assertEquals((await toxiproxy.get("echo")).toJson(), proxy.toJson());
  assertEquals(Object.keys(await toxiproxy.getAll()), ["echo"]);
  const { listen } = proxy;
  const down = await proxy.update({ enabled: false, listen, upstream });
  assertEquals([down.enabled, down.listen], [false, listen]);
  await assertRejects(() => connectTo(`tcp://${listen}`), Deno.errors.ConnectionRefused);
  const up = await proxy.update({ enabled: true, listen, upstream });
  assertEquals(up.toJson(), proxy.toJson());
  await roundTrip(up);
  await proxy.remove();
  assertEquals(await toxiproxy.getAll(), {});
  const error = await assertRejects(() => toxiproxy.get("echo"), ToxiproxyError);
  assert(error.message.includes("404"), error.message);
});

Deno.test("the client adds, updates and removes toxics, which act at once", LEAKY, async () => {
  await using stack = new AsyncDisposableStack();
  const { upstream, toxiproxy } = await setUp(stack);
  const proxy = await toxiproxy.createProxy({ name: "echo", listen: "localhost:0", upstream });
  const toxic = await proxy.addToxic<Latency>({
    name: "slow",
    type: "latency",
    stream: "downstream",
    toxicity: 1,
    attributes: { latency: 300, jitter: 0 },
  });
  assertEquals((await proxy.getToxic("slow")).toJson(), toxic.toJson());
  assert(await roundTrip(proxy) >= 299);
  const quicker = await toxic.update({ ...toxic.toJson(), attributes: { latency: 0, jitter: 0 } });
  assertEquals(quicker.attributes, { latency: 0, jitter: 0 });
  assert(await roundTrip(proxy) < 299);
  await toxic.remove();
  await assertRejects(() => proxy.getToxic("slow"), ToxiproxyError);
});

Deno.test("the client populates and resets", LEAKY, async () => {
  await using stack = new AsyncDisposableStack();
  const { upstream, toxiproxy } = await setUp(stack);
  const proxies = await toxiproxy.populate([
    { name: "one", listen: "localhost:0", upstream, enabled: true },
    { name: "two", listen: "localhost:0", upstream, enabled: true },
  ]);
  assertEquals(Object.keys(proxies), ["one", "two"]);
  const [one, two] = [proxies.one!, proxies.two!];
  const { listen } = one;
  await one.update({ enabled: false, listen, upstream });
  const attributes = { timeout: 0 };
  await two.addToxic({ name: "t", type: "timeout", stream: "upstream", toxicity: 1, attributes });
  await toxiproxy.reset();
  assertEquals((await toxiproxy.get("one")).enabled, true);
  await assertRejects(() => two.getToxic("t"), ToxiproxyError);
  await roundTrip(one);
  await roundTrip(two);
});
