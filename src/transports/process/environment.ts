/** What a child is told of the connection that it serves, in its environment. */

/** The connection that a child serves. */
export interface ServedConnection {
  readonly peer: string;
  readonly local: string;
  readonly id: number;
  /** A WebSocket's request: path and query, and the subprotocol agreed on. */
  readonly request?: { readonly path: string; readonly protocol?: string };
}

/** Variables of WebSockets alone. A child of any other connection doesn't inherit them. */
const OF_WEBSOCKETS = ["COAX_PATH", "COAX_QUERY", "COAX_PROTOCOL"];

/**
 * Options of `Deno.Command` for a child that serves `connection`: our own environment, and the
 * `COAX_` variables. A WebSocket without a query or a subprotocol has an empty one, as in CGI (RFC
 * 3875 §4.1.7).
 */
export function environmentFor(
  connection: ServedConnection | undefined,
): Pick<Deno.CommandOptions, "env" | "clearEnv"> {
  const env = connection && {
    COAX_PEER: connection.peer,
    COAX_LOCAL: connection.local,
    COAX_ID: String(connection.id),
    ...ofRequest(connection.request),
  };
  const stale = OF_WEBSOCKETS.filter((name) => !(env && name in env) && Deno.env.has(name));
  if (stale.length === 0) return { env };
  const inherited = Deno.env.toObject();
  for (const name of stale) delete inherited[name];
  return { env: { ...inherited, ...env }, clearEnv: true };
}

function ofRequest(request: ServedConnection["request"]): Record<string, string> {
  if (!request) return {};
  const { path, protocol = "" } = request;
  const [, before, query = ""] = /^([^?]*)\??(.*)$/s.exec(path)!;
  return { COAX_PATH: before!, COAX_QUERY: query, COAX_PROTOCOL: protocol };
}
