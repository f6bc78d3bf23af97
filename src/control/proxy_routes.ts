/** toxiproxy's routes of proxies: /proxies, /populate, /reset. */
import type { Context, Hono } from "hono";
import { errorOf } from "./failure.ts";
import { badBody, bodyOf } from "./json_input.ts";
import type { Proxy, ProxyInfo } from "./proxy.ts";
import { proxyChangeOf, proxySpecOf, proxySpecsOf } from "./proxy_spec.ts";
import { PopulateError, type ProxyTable } from "./proxy_table.ts";
import { type Handler, route } from "./routes.ts";

/** The proxy's name in the path. */
export function nameOf(context: Context): string {
  return context.req.param("name")!;
}

/** Adds the routes. */
export function addProxyRoutes(app: Hono, table: ProxyTable): void {
  const update: Handler = async (context) => {
    table.get(nameOf(context));
    const change = proxyChangeOf(await bodyOf(context.req.raw));
    return context.json(await table.update(nameOf(context), change));
  };
  route(app, "/proxies", {
    GET: (context) => context.json(Object.fromEntries(table.list().map(named))),
    POST: async (context) => {
      const spec = proxySpecOf(await bodyOf(context.req.raw));
      return context.json(await table.create(spec), 201);
    },
  });
  route(app, "/proxies/:name", {
    GET: (context) => context.json(table.get(nameOf(context)).info),
    PATCH: update,
    POST: update, // Clients older than toxiproxy 2.5, and that of Node.
    DELETE: async (context) => {
      await table.delete(nameOf(context));
      return context.body(null, 204);
    },
  });
  route(app, "/populate", { POST: (context) => populate(context, table) });
  route(app, "/reset", {
    POST: async (context) => {
      await table.reset();
      return context.body(null, 204);
    },
  });
}

/** Answers with the proxies that were made, an error too. */
async function populate(context: Context, table: ProxyTable): Promise<Response> {
  const json = await bodyOf(context.req.raw);
  if (!Array.isArray(json)) throw badBody("expected an array of proxies");
  try {
    const made = await table.populate(proxySpecsOf(json));
    return context.json({ proxies: orNull(made) }, 201);
  } catch (error) {
    const made = error instanceof PopulateError ? error.made : [];
    const { message, status } = errorOf(error instanceof PopulateError ? error.cause : error);
    const body = JSON.stringify({ error: message, status, proxies: orNull(made) }) + "\n";
    return new Response(body, { status, headers: { "Content-Type": "application/json" } });
  }
}

/** Null for none, as toxiproxy has it. */
function orNull(proxies: readonly ProxyInfo[]): readonly ProxyInfo[] | null {
  return proxies.length === 0 ? null : proxies;
}

function named({ name, info }: Proxy) {
  return [name, info] as const;
}
