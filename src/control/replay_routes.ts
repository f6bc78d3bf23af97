/** `POST /replay?proxy=NAME`: the route by which recordings are played. */
import type { Context, Hono } from "hono";
import { isGate } from "../address/address.ts";
import { HttpError } from "../http/http_error.ts";
import { parseSpeed } from "../record/playback.ts";
import { readEvents } from "../record/reader.ts";
import type { RelayOptions } from "../relay/relay.ts";
import { badBody } from "./json_input.ts";
import { connectToOwn } from "./own_listener.ts";
import type { ProxyTable } from "./proxy_table.ts";
import type { Replays } from "./replays.ts";
import { route } from "./routes.ts";

/** Adds `/replay`, which connects to existing proxies and to nothing else. */
export function addReplayRoutes(
  app: Hono,
  table: ProxyTable,
  replays: Replays,
  options: RelayOptions,
): void {
  route(app, "/replay", {
    POST: async (context) => {
      const { raw } = context.req;
      const { name, addresses: [bound], route: { listen } } = table.get(
        context.req.query("proxy") ?? "",
      );
      if (bound === undefined) throw new HttpError(409, "proxy is disabled");
      if (isGate(listen)) throw new HttpError(409, "the proxy listens on another machine");
      const speed = speedOf(context);
      const all = await readEvents(raw.body ?? nothing(), badBody);
      const events = all.filter(({ event }) => event !== "step");
      const connect = (signal: AbortSignal) => connectToOwn(bound, options, signal);
      return replays.open({ name, connect }, events, speed, raw.signal);
    },
  });
}

/** What `?speed=N|max` asks for. */
function speedOf(context: Context): number {
  try {
    return parseSpeed(context.req.query("speed") ?? "1");
  } catch (error) {
    throw new HttpError(400, `speed: ${(error as Error).message}`);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
