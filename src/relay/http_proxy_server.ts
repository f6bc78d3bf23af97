/** The proxy server that `http-proxy:` means. */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, CoaxError, ForbiddenError, LeftError } from "../core/errors.ts";
import { respond } from "../http/answer.ts";
import { contentOf } from "../http/framing.ts";
import {
  formatResponse,
  HeadError,
  parseRequest,
  readHead,
  type RequestHead,
} from "../http/head.ts";
import { exchange } from "../proxy/http_exchange.ts";
import { authorityOf, maxForwards, requestFor, withheldTrailers } from "../proxy/http_forward.ts";
import type { LoginJudge } from "../proxy/client_login.ts";
import { parseTarget, type RequestedTarget } from "../proxy/target.ts";
import { preamble } from "../wrap/local.ts";
import { isLate, type ProxyServer } from "./proxy_server.ts";

/** Serves CONNECT (RFC 9110 §9.3.6), and requests in absolute form (RFC 9112 §3.2.2). */
export const httpProxyServer: ProxyServer = {
  async accept(client, logins) {
    const { raw, head, target, content } = await httpRequest(client, logins);
    const rest = preamble(client, raw.rest);
    return {
      target,
      async succeed(connection) {
        if (head.method !== "CONNECT") {
          await connection.write(requestFor(raw.text, head));
          return exchange(rest, connection, head, content);
        }
        await client.write(formatResponse(200, "Connection established", []));
        return [rest, connection];
      },
      refuse: (error) =>
        respond(client, head.method, { status: statusFor(error), body: `${error.message}\n` }),
    };
  },
};

/** Reads a client's request. Rejects after an invalid one has been answered with an error. */
async function httpRequest(client: Duplex, logins: LoginJudge | undefined) {
  try {
    const raw = await readHead(client);
    if (!raw) throw new LeftError("proxy", client.peer, "left without a request");
    const head = parseRequest(raw.text);
    if (logins) await checkLogin(client, head, logins);
    const content = contentOf(head, withheldTrailers(head.headers));
    if (maxForwards(head) === 0) throw await answerInstead(client, head);
    return { raw, head, target: targetOf(head), content };
  } catch (error) {
    if (!(error instanceof HeadError)) throw error;
    const { status, message } = error;
    await respond(client, "", { status, body: `${message}\n` });
    throw new BrokenError("proxy", client.peer, `HTTP: ${message}`, { cause: error });
  }
}

/** Answers a request without the login with 407 (RFC 9110 §15.5.8), and rejects. */
async function checkLogin(client: Duplex, head: RequestHead, logins: LoginJudge): Promise<void> {
  const given = head.headers.get("proxy-authorization");
  const isRight = given !== null &&
    await logins.judge(client.peer, (login) => login.acceptsBasic(given));
  if (isRight) return;
  const reason = given === null ? "a login is required" : "wrong user or password";
  await respond(client, head.method, {
    status: 407,
    headers: [["Proxy-Authenticate", 'Basic realm="coax", charset="UTF-8"']],
    body: `${reason}\n`,
  });
  throw new BrokenError("proxy", client.peer, `HTTP: ${reason}`);
}

/** A request that isn't forwarded has been answered, which is no failure. */
class AnsweredError extends CoaxError {
  readonly status = 0;
}

/**
 * Answers as the final recipient of a request with `Max-Forwards: 0` (RFC 9110 §7.6.2): OPTIONS
 * with 200, and TRACE with 405, because its answer would show the client's headers.
 */
async function answerInstead(client: Duplex, { method }: RequestHead): Promise<AnsweredError> {
  const status = method === "OPTIONS" ? 200 : 405;
  await respond(client, method, { status, headers: [["Allow", "OPTIONS"]] });
  return new AnsweredError("proxy", client.peer, `answered ${method} with ${status}`);
}

function targetOf(head: RequestHead): RequestedTarget {
  const authority = authorityOf(head);
  const target = head.method === "CONNECT"
    ? parseTarget(head.target)
    : authority === undefined
    ? null
    : parseTarget(authority, 80);
  if (target) return target;
  throw new HeadError(400, "expected CONNECT host:port, or a URL that begins with http://");
}

function statusFor(error: CoaxError): number {
  if (error instanceof ForbiddenError) return 403;
  return isLate(error) ? 504 : 502;
}
