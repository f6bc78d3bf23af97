import { assertEquals } from "@std/assert";
import { MAX_LINES, type PanelEvent, PanelState } from "../../../src/control/panel/panel_state.ts";
import { at, connection, sumsOf, timeAt, told } from "./events.ts";

function proxy(name: string, enabled = true) {
  return { name, listen: "127.0.0.1:1", upstream: "127.0.0.1:2", enabled, toxics: [] };
}

function sums(seconds: number, received: number, missed = 0, names = ["a"]): PanelEvent {
  const proxies = names.map((name) => sumsOf(name, { received }));
  return { type: "sums", sums: { time: timeAt(seconds), missed, proxies } };
}

function stateAfter(...events: PanelEvent[]): PanelState {
  const state = new PanelState();
  for (const event of events) state.apply(event);
  return state;
}

Deno.test("panel: the same events give the same state", () => {
  const events: PanelEvent[] = [
    { type: "connected" },
    { type: "proxies", proxies: [proxy("a"), proxy("b", false)] },
    sums(1, 0, 0, ["a", "b"]),
    { type: "log", event: told("accept", 1) },
    { type: "connections", time: at(2), connections: [connection(1, { sent: 4 })] },
    sums(2, 500, 0, ["a", "b"]),
  ];
  const shown = ({ proxies, connections, lines, now, link }: PanelState) =>
    JSON.stringify([proxies.map(({ rates, ...rest }) => [rest, rates.samples]), now, link, lines, [
      ...connections.open,
    ]]);
  assertEquals(shown(stateAfter(...events)), shown(stateAfter(...events)));
  const [first] = stateAfter(...events).proxies;
  assertEquals(first!.rates.samples, [{ time: at(2), up: 500, down: 0 }]);
});

Deno.test("panel: the list of proxies is stale when others are told, or events were missed", () => {
  const fresh: PanelEvent[] = [
    { type: "connected" },
    { type: "proxies", proxies: [proxy("a")] },
    sums(1, 0),
  ];
  assertEquals(stateAfter(...fresh).isStale, false);
  assertEquals(stateAfter(...fresh, sums(2, 0, 0, ["a", "b"])).isStale, true);
  assertEquals(stateAfter(...fresh, sums(2, 0, 0, ["b"])).isStale, true);
  assertEquals(stateAfter(...fresh, sums(2, 0, 3)).isStale, true);
  const added = told("toxic-added", 1);
  assertEquals(stateAfter(...fresh, { type: "log", event: added }).isStale, true);
});

Deno.test("panel: events that were missed are counted over all connections to the control", () => {
  const state = stateAfter({ type: "connected" }, sums(1, 0, 3), sums(2, 0, 5));
  assertEquals(state.missed, 5);
  for (const event of [{ type: "lost" }, { type: "connected" }, sums(9, 0, 2)] as PanelEvent[]) {
    state.apply(event);
  }
  assertEquals(state.missed, 7);
});

Deno.test("panel: closed connections are asked for at first, and after events were missed", () => {
  const state = stateAfter({ type: "connected" }, sums(1, 0));
  assertEquals(state.lacksClosed, true);
  state.lacksClosed = false;
  state.apply(sums(2, 0));
  assertEquals(state.lacksClosed, false);
  state.apply(sums(3, 0, 1));
  assertEquals(state.lacksClosed, true);
});

Deno.test("panel: a restarted control's numbers are other connections", () => {
  const list: PanelEvent = { type: "connections", time: at(2), connections: [connection(1)] };
  const state = stateAfter({ type: "connected" }, list, {
    type: "log",
    event: told("close", 1),
  });
  assertEquals([...state.connections.closed].length, 1);
  for (const event of [{ type: "lost" }, { type: "connected" }, list] as PanelEvent[]) {
    state.apply(event);
  }
  assertEquals([...state.connections.open].map(({ id }) => id), [1]);
});

Deno.test("panel: what is kept is bounded, whatever passes", () => {
  const state = stateAfter({ type: "connected" }, { type: "proxies", proxies: [proxy("a")] });
  for (let i = 0; i < 20_000; i++) {
    state.apply({ type: "log", event: told(i % 2 ? "close" : "accept", i >> 1) });
    if (i % 20 === 0) state.apply(sums(i, i));
  }
  assertEquals(state.lines.length <= 2 * MAX_LINES, true);
  assertEquals(state.lines.at(-1)!.id, 9_999);
  assertEquals([...state.connections.closed].length, 1000);
  assertEquals(state.proxies[0]!.rates.samples.length, 240);
});
