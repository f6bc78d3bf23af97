import { assertEquals, assertMatch } from "@std/assert";
import { makeApp } from "../../src/control/app.ts";
import { ConnectionRegistry } from "../../src/control/connections.ts";
import { EventFeed } from "../../src/control/event_feed.ts";
import { History } from "../../src/control/history.ts";
import { ControlMetrics } from "../../src/control/metrics.ts";
import { addObservingRoutes } from "../../src/control/observing_routes.ts";
import { Recordings } from "../../src/control/recordings.ts";
import { silent } from "../../src/core/log.ts";
import { Script } from "../support/connections.ts";

/** An app with the proxies web and db, and one connection of web. */
function control(peer = "10.0.0.1:1", upstream = "ws://u:p@h/?token=x") {
  const connections = new ConnectionRegistry();
  const observer = connections.observerOf("web", {
    upstream: () => upstream,
    toxicsOf: () => ["latency_downstream"],
  });
  const connection = new Script();
  const id = observer.nextId();
  const watch = observer.accepted({ connection, id, peer, local: "here", log: silent });
  const app = makeApp();
  const history = new History(connections, 0);
  addObservingRoutes(app, {
    connections,
    history,
    events: new EventFeed(() => []),
    metrics: new ControlMetrics(() => connections.sums()),
    recordings: new Recordings(connections, history),
    proxies: () => [
      { name: "web", listen: "127.0.0.1:1", upstream },
      { name: "db", listen: "127.0.0.1:2", upstream: "h:2" },
    ],
  });
  const ask = async (path: string, method = "GET") => {
    const response = await app.fetch(new Request(`http://localhost${path}`, { method }));
    return { status: response.status, type: response.headers.get("content-type"), response };
  };
  return { ask, connection, watch, history };
}

Deno.test("GET /connections lists them, with their secrets masked", async () => {
  const { ask } = control();
  const { status, type, response } = await ask("/connections");
  assertEquals([status, type], [200, "application/json"]);
  const [{ since, ...info }] = await response.json();
  assertMatch(since, /^\d{4}-.*Z$/);
  const expected = {
    id: 1,
    proxy: "web",
    peer: "10.0.0.1:1",
    target: "ws://***@h/?token=***",
    state: "connecting",
    sent: 0,
    received: 0,
    toxics: ["latency_downstream"],
  };
  assertEquals(info, expected);
  assertEquals((await (await ask("/connections/1")).response.json()).target, expected.target);
});

Deno.test("GET /connections can be of one proxy, which must be there", async () => {
  const { ask } = control();
  assertEquals((await (await ask("/connections?proxy=web")).response.json()).length, 1);
  assertEquals(await (await ask("/connections?proxy=db")).response.json(), []);
  const { status, response } = await ask("/connections?proxy=nope");
  assertEquals([status, await response.json()], [404, { error: "proxy not found", status: 404 }]);
});

Deno.test("a hostile peer's name can be shown on a terminal", async () => {
  const peer = "\x1b]8;;x\x07\u202e\x9b";
  const { ask } = control(peer);
  const text = await (await ask("/connections")).response.text();
  assertMatch(text, /^[\x20-\x7e]*\n$/);
  assertEquals(JSON.parse(text)[0].peer, peer);
});

Deno.test("DELETE /connections/ID closes both sides", async () => {
  const { ask, connection } = control();
  const { status, response } = await ask("/connections/1", "DELETE");
  assertEquals([status, await response.text()], [204, ""]);
  assertEquals(connection.closes.map(String), [
    "Error: close 10.0.0.1:1: closed, as the control was asked to",
  ]);
});

Deno.test("DELETE /connections/ID?reset says where no reset can be sent", async () => {
  const { ask, connection } = control();
  const { status, response } = await ask("/connections/1?reset", "DELETE");
  const error = "no reset can be sent to script";
  assertEquals([status, await response.json()], [501, { error, status: 501 }]);
  assertEquals(connection.closes, []);
  Object.assign(connection, { showsReset: true });
  assertEquals((await ask("/connections/1?reset", "DELETE")).status, 204);
  assertEquals(connection.closes.map(String), [
    "Error: close 10.0.0.1:1: reset, as the control was asked to",
  ]);
});

for (const id of ["2", "0", "-1", "01", "1.0", "1e0", "x", "%31x", "99999999999999999999"]) {
  for (const method of ["GET", "DELETE"]) {
    Deno.test(`${method} /connections/${id} is 404`, async () => {
      const { ask, connection } = control();
      const { status, response } = await ask(`/connections/${id}`, method);
      const error = "connection not found";
      assertEquals([status, await response.json()], [404, { error, status: 404 }]);
      assertEquals(connection.closes, []);
    });
  }
}

for (const path of ["/connections", "/connections/1", "/events", "/metrics", "/recording"]) {
  Deno.test(`POST ${path} is 405`, async () => {
    assertEquals((await control().ask(path, "POST")).status, 405);
  });
}

Deno.test("GET /recording has the formats that it says", async () => {
  const { ask } = control();
  const types = { jsonl: "application/jsonl", pcap: "application/vnd.tcpdump.pcap" };
  for (const [format, expected] of Object.entries(types)) {
    const { status, type, response } = await ask(`/recording?format=${format}`);
    assertEquals([status, type], [200, expected]);
    await response.body!.cancel();
  }
  for (const format of ["", "pcapng", "constructor"]) {
    const { status, response } = await ask(`/recording?format=${format}`);
    assertEquals([status, (await response.json()).error], [
      400,
      "format: expected one of jsonl, pcap",
    ]);
  }
});

Deno.test("the streams are what their routes say", async () => {
  const { ask } = control();
  for (
    const [path, type] of [
      ["/events", "text/event-stream"],
      ["/recording", "application/jsonl"],
      ["/recording?proxy=db", "application/jsonl"],
      ["/metrics", "text/plain; version=0.0.4; charset=utf-8"],
    ] as const
  ) {
    const asked = await ask(path);
    assertEquals([asked.status, asked.type], [200, type]);
    await asked.response.body!.cancel();
  }
  assertEquals((await ask("/recording?proxy=nope")).status, 404);
  assertEquals((await ask("/recording?connection=999")).status, 404);
  assertEquals((await ask("/recording?connection=x")).status, 404);
});

Deno.test("GET /connections?closed lists those that are over, too, while somebody looks", async () => {
  const { ask, connection, watch, history } = control();
  using _ = history;
  history.hold();
  connection.close();
  const list = async (query: string) => await (await ask(`/connections${query}`)).response.json();
  assertEquals((await list("?closed")).map(({ state }: { state: string }) => state), [
    "connecting",
  ]);
  watch[Symbol.dispose]();
  assertEquals(await list(""), []);
  const [{ since, until, ...info }] = await list("?closed&proxy=web");
  assertEquals(Date.parse(until) >= Date.parse(since), true);
  assertEquals([info.id, info.state, info.target], [1, "closed", "ws://***@h/?token=***"]);
  assertEquals(await list("?closed&proxy=db"), []);
  assertEquals((await (await ask("/connections/1")).response.json()).state, "closed");
  assertEquals((await ask("/connections/1", "DELETE")).status, 404);
  const recording = await ask("/recording?connection=1");
  assertEquals(recording.status, 200);
  assertEquals(
    (await recording.response.text()).split("\n").map((line) => line && JSON.parse(line).event),
    [
      "open",
      "",
    ],
  );
});
