/** `GET /`: the panel, a page for browsers. */
import type { Context, Hono } from "hono";
import type { RequestHead } from "../http/head.ts";
import { answerWithDocument } from "../page/document.ts";
import { route } from "./routes.ts";

const PATH = "/";

/** Adds the page, which is loaded when it is first asked for. */
export function addPanelRoutes(app: Hono): void {
  route(app, PATH, { GET: answer, HEAD: answer });
}

/** Whether a request is for the page. It tells nothing, so it needs no token: it asks for one. */
export function isPanel({ method, target }: Pick<RequestHead, "method" | "target">): boolean {
  return (method === "GET" || method === "HEAD") && target.split("?", 1)[0] === PATH;
}

async function answer({ req }: Context): Promise<Response> {
  const built = await import("./panel/built.ts");
  const { status, headers, body } = answerWithDocument(built, req.raw)!;
  const content = req.method === "HEAD" ? null : (body as string | undefined) ?? null;
  return new Response(content, { status, headers: headers?.map(([name, value]) => [name, value]) });
}
