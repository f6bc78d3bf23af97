/** The control's HTTP API: toxiproxy's, version 2, and what coax has beyond it. */
import { Hono } from "hono";
import config from "../../deno.json" with { type: "json" };
import { errorOf } from "./failure.ts";
import { jsonError } from "./json_error.ts";
import { type Handler, route } from "./routes.ts";

/** The version of toxiproxy whose API this is; its clients ask for it. */
const TOXIPROXY_VERSION = "2.12.0";
/** What answers (RFC 9110 §10.2.4). */
const SERVER = `coax/${config.version}`;

/** Makes the app without routes of its own: errors, unknown paths, and what all answers have. */
export function makeApp(): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("X-Toxiproxy-Request-Id", crypto.randomUUID());
    context.header("Server", SERVER);
  });
  app.notFound(() => jsonError(404, "404 page not found"));
  app.onError((error) => {
    const { status, message, headers } = errorOf(error);
    return jsonError(status, message, headers);
  });
  route(app, "/version", { GET: version });
  return app;
}

const version: Handler = (context) =>
  context.body(`{"version": "${TOXIPROXY_VERSION}"}\n`, 200, {
    "Content-Type": "application/json;charset=utf-8",
  });
