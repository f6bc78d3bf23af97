/** What a control keeps of what has passed while somebody looked. */
import { assert, assertEquals } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { rss } from "../support/process.ts";
import { until } from "../support/wait.ts";
import { Coax } from "./coax.ts";
import { ControlProcess, type ShownConnection } from "./control.ts";
import { Lines } from "./control_answers.ts";
import { connectTo, randomBytes, receive, receiveText, send } from "./peers.ts";

const MiB = 2 ** 20;

/** A connection that is over. */
interface Closed extends ShownConnection {
  readonly until: string;
  readonly error?: string;
  readonly status?: number;
  readonly reset?: boolean;
}

/** A control with the proxy web, which leads to an echo, and with a viewer. */
async function watched(stack: AsyncDisposableStack, ...args: string[]) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const control = stack.use(await ControlProcess.start(...args));
  const { listen } = await control.proxy("web", (await echo.address()).replace("tcp://", ""));
  const viewer = stack.use(await Lines.open(`${control.url}/events`));
  const closed = async () => {
    const all = await control.json<Closed[]>(200, "GET", "/connections?closed");
    return all.filter(({ state }) => state === "closed");
  };
  const recording = async (id: number) =>
    (await control.ask("GET", `/recording?connection=${id}`)).text.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
  return { control, address: `tcp://${listen}`, viewer, closed, recording };
}

for (const args of [[], ["-v"]]) {
  Deno.test(`a connection is read from its beginning, later and afterwards: control ${args}`, async () => {
    await using stack = new AsyncDisposableStack();
    const { control, address, closed, recording } = await watched(stack, ...args);
    using conn = await connectTo(address);
    await send(conn, "first");
    assertEquals(await receiveText(conn, 5), "first");
    await using live = await Lines.open(`${control.url}/recording?connection=1`);
    await send(conn, "second");
    assertEquals(await receiveText(conn, 6), "second");
    await conn.closeWrite();
    assertEquals(await receiveText(conn), "");
    await until(async () => (await closed()).length === 1, "its end");
    const lines = [];
    for (let line = await live.next(); line !== undefined; line = await live.next()) {
      if (line !== "") lines.push(JSON.parse(line));
    }
    assertEquals(await recording(1), lines);
    const told = lines.map(({ event, step, dir, text }) =>
      step ?? [event, dir, text].join(" ").trim()
    );
    assertEquals(told, [
      ..."create bind listen accept|open in|connect|connected".replace(
        / (?=bind|listen|accept)/g,
        "|",
      )
        .split("|"),
      ...["data in first", "data out first", "data in second", "data out second"],
      ...["half-close in", "half-close out", "close out"],
    ]);
    const [{ sent, received, error, reset, until: end, since }] = await closed() as [Closed];
    assertEquals([sent, received, error, reset], [11, 11, undefined, undefined]);
    assert(Date.parse(end) >= Date.parse(since));
  });
}

Deno.test("how each connection has ended is known", async () => {
  await using stack = new AsyncDisposableStack();
  const { control, address, closed } = await watched(stack);
  await control.proxy("dead", "127.0.0.1:1");
  for (const query of ["", "?reset"]) {
    using conn = await connectTo(address);
    await send(conn, "x");
    await receive(conn, 1);
    const [{ id }] = await control.connections() as [ShownConnection];
    assertEquals((await control.ask("DELETE", `/connections/${id}${query}`)).status, 204);
    await until(async () => (await control.connections()).length === 0, "its end");
  }
  const { listen } = await control.json<{ listen: string }>(200, "GET", "/proxies/dead");
  using refused = await connectTo(`tcp://${listen}`);
  await refused.read(new Uint8Array(1)).catch(() => {});
  await until(async () => (await closed()).length === 3, "all ends");
  const ends = (await closed()).map(({ proxy, error = "", status, reset }) => [
    proxy,
    error.replace(/127.0.0.1:\d+/, "…"),
    status,
    reset,
  ]);
  assertEquals(ends, [
    ["web", "", undefined, undefined],
    ["web", "close …: reset, as the control was asked to", 1, true],
    ["dead", "connect …: connection refused", 4, undefined],
  ]);
});

Deno.test({
  name:
    "what a control keeps takes 64 MiB and 1,000 closed connections at most, and goes with its viewer",
  ignore: lacks("/proc"),
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { control, address, viewer, closed, recording } = await watched(stack);
    const { pid } = control.coax;
    const bytes = randomBytes(60_000);
    const exchange = async () => {
      using conn = await connectTo(address);
      await Promise.all([receive(conn, bytes.length), send(conn, bytes)]);
    };
    for (let i = 0; i < 20; i++) await exchange();
    const base = rss(pid);
    let all: Closed[] = [];
    // Of many that come at once, only some are kept.
    await until(async () => {
      await Promise.all(Array.from({ length: 20 }, exchange));
      all = await closed();
      assert(all.length <= 1000, `${all.length} are kept`);
      return all.length === 1000 && all[0]!.id > 1;
    }, "more than are kept");
    await until(async () => (await control.connections()).length === 0, "all ends");
    all = await closed();
    assertEquals((await control.ask("GET", "/recording?connection=1")).status, 404);
    const limits = [];
    for (const { id } of [all[0]!, all.at(-1)!]) {
      limits.push((await recording(id)).find(({ event }) => event === "open").omitted?.limit);
    }
    assertEquals(limits, ["all", undefined]);
    const grown = (rss(pid) - base) / MiB;
    // The rest is what the runtime hasn't collected yet: up to 125 MiB with Deno 2.9.
    assert(grown < 64 + 192, `grown by ${grown} MiB`);
    await viewer[Symbol.asyncDispose]();
    await until(async () => (await closed()).length === 0, "nothing is kept");
    assertEquals((await control.ask("GET", `/recording?connection=${all.at(-1)!.id}`)).status, 404);
  },
});
