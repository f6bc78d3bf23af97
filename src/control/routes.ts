/** Routes of the control: which methods a path has, and what any other method is answered. */
import type { Context, Hono } from "hono";
import { jsonError } from "./json_error.ts";

/** Answers a request of one method. May throw an `HttpError`, which becomes its answer. */
export type Handler = (context: Context) => Response | Promise<Response>;

/**
 * Adds a path with the methods that it has. Another method is answered 405, HEAD and OPTIONS too,
 * as toxiproxy does.
 */
export function route(app: Hono, path: string, methods: Readonly<Record<string, Handler>>): void {
  const allowed = Object.keys(methods).join(", ");
  app.all(path, (context) => {
    const { method } = context.req;
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    return handler?.(context) ?? jsonError(405, "method not allowed", { Allow: allowed });
  });
}
