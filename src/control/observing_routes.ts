/** Routes that toxiproxy doesn't have, or has less of: what passes, as it passes. */
import type { Context, Hono } from "hono";
import { escapeJson } from "../core/escape.ts";
import { maskSecrets } from "../core/secrets.ts";
import { HttpError } from "../http/http_error.ts";
import type { ConnectionRegistry } from "./connections.ts";
import type { EventFeed } from "./event_feed.ts";
import type { History } from "./history.ts";
import type { ClosedConnection } from "./kept_connection.ts";
import type { ControlMetrics, LabelledProxy } from "./metrics.ts";
import { type FormatMaker, RECORDING_FORMATS } from "./recording_format.ts";
import type { Recordings } from "./recordings.ts";
import { route } from "./routes.ts";
import type { ConnectionInfo } from "./tracked_connection.ts";

export interface Observed {
  readonly connections: ConnectionRegistry;
  readonly history: Pick<History, "get" | "closed">;
  readonly events: EventFeed;
  readonly metrics: ControlMetrics;
  readonly recordings: Recordings;
  /** The proxies there are. */
  readonly proxies: () => Iterable<LabelledProxy>;
}

/** Adds `/connections`, `/events`, `/metrics` and `/recording`. */
export function addObservingRoutes(app: Hono, observed: Observed): void {
  const { connections, history, events, metrics, recordings, proxies } = observed;
  route(app, "/connections", {
    GET: (context) => {
      const proxy = knownProxy(context, proxies());
      const withClosed = context.req.query("closed") !== undefined;
      return json(
        [...withClosed ? history.closed(proxy) : [], ...connections.list(proxy)].map(shown),
      );
    },
  });
  route(app, "/connections/:id", {
    GET: (context) => {
      const id = idOf(context);
      const info = connections.get(id)?.info ?? history.get(id)?.end;
      if (!info) throw noConnection();
      return json(shown(info));
    },
    DELETE: (context) => {
      const how = context.req.query("reset") === undefined ? "close" : "reset";
      if (!connections.close(idOf(context), how)) throw noConnection();
      return new Response(null, { status: 204 });
    },
  });
  route(app, "/events", { GET: (context) => events.open(context.req.raw) });
  route(app, "/metrics", { GET: () => metrics.answer(proxies()) });
  route(app, "/recording", {
    GET: (context) => {
      const proxy = knownProxy(context, proxies());
      const only = knownConnection(context, observed);
      return recordings.open(proxy, context.req.raw.signal, only, knownFormat(context));
    },
  });
}

/** The proxy that `?proxy=NAME` asks for; undefined for all. */
function knownProxy(context: Context, proxies: Iterable<LabelledProxy>): string | undefined {
  const name = context.req.query("proxy");
  if (name === undefined) return undefined;
  for (const proxy of proxies) if (proxy.name === name) return name;
  throw new HttpError(404, "proxy not found");
}

/** The number that `?connection=ID` asks for; undefined for all. */
function knownConnection(
  context: Context,
  { connections, history }: Observed,
): number | undefined {
  const text = context.req.query("connection");
  if (text === undefined) return undefined;
  const id = numberOf(text);
  if (!connections.get(id) && !history.get(id)) throw noConnection();
  return id;
}

/** What `?format=NAME` asks for. */
function knownFormat(context: Context): FormatMaker {
  const name = context.req.query("format") ?? "jsonl";
  if (Object.hasOwn(RECORDING_FORMATS, name)) {
    return RECORDING_FORMATS[name as keyof typeof RECORDING_FORMATS];
  }
  const expected = Object.keys(RECORDING_FORMATS).join(", ");
  throw new HttpError(400, `format: expected one of ${expected}`);
}

/** The number in the path; 0, which no connection has, for any other text. */
function idOf(context: Context): number {
  return numberOf(context.req.param("id") ?? "");
}

function numberOf(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
}

function noConnection(): HttpError {
  return new HttpError(404, "connection not found");
}

function shown<Info extends ConnectionInfo | ClosedConnection>(info: Info): Info {
  return { ...info, peer: maskSecrets(info.peer), target: maskSecrets(info.target) };
}

/** JSON that a terminal can show, whatever a peer is called. */
function json(value: unknown): Response {
  const headers = { "Content-Type": "application/json" };
  return new Response(escapeJson(JSON.stringify(value)) + "\n", { headers });
}
