/** toxiproxy's routes of toxics: /proxies/NAME/toxics. */
import type { Context, Hono } from "hono";
import type { ToxicSpec } from "../faults/mod.ts";
import { HttpError } from "../http/http_error.ts";
import { checkToxic } from "./checks.ts";
import { bodyOf } from "./json_input.ts";
import { type Proxy, toxicInfo } from "./proxy.ts";
import { nameOf } from "./proxy_routes.ts";
import type { ProxyTable } from "./proxy_table.ts";
import { type Handler, route } from "./routes.ts";
import { toxicChangeOf, toxicSpecOf } from "./toxic_spec.ts";

/** Adds the routes. */
export function addToxicRoutes(app: Hono, table: ProxyTable): void {
  const update: Handler = async (context) => {
    toxicOf(context, table);
    const json = await bodyOf(context.req.raw);
    // While the body came, both may have changed.
    const { proxy, toxic } = toxicOf(context, table);
    proxy.updateToxic(toxic.name, toxicChangeOf(json, toxic));
    return context.json(toxicInfo(toxicOf(context, table).toxic));
  };
  route(app, "/proxies/:name/toxics", {
    GET: (context) => context.json(table.get(nameOf(context)).info.toxics),
    POST: async (context) => {
      table.get(nameOf(context));
      const toxic = toxicSpecOf(await bodyOf(context.req.raw));
      const proxy = table.get(nameOf(context));
      if (proxy.toxics.get(toxic.name)) throw new HttpError(409, "toxic already exists");
      checkToxic(proxy.route, toxic);
      proxy.addToxic(toxic);
      return context.json(toxicInfo(toxic));
    },
  });
  route(app, "/proxies/:name/toxics/:toxic", {
    GET: (context) => context.json(toxicInfo(toxicOf(context, table).toxic)),
    PATCH: update,
    POST: update, // Clients older than toxiproxy 2.5, and that of Node.
    DELETE: (context) => {
      const { proxy, toxic } = toxicOf(context, table);
      proxy.removeToxic(toxic.name);
      return context.body(null, 204);
    },
  });
}

/** The toxic that the path names. Throws an `HttpError`. */
function toxicOf(context: Context, table: ProxyTable): { proxy: Proxy; toxic: ToxicSpec } {
  const proxy = table.get(nameOf(context));
  const toxic = proxy.toxics.get(context.req.param("toxic")!);
  if (!toxic) throw new HttpError(404, "toxic not found");
  return { proxy, toxic };
}
