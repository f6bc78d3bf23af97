/** Finds out whether an address accepts connections, or a page on the web can be had. */
import { type Address, canListen, parseAddress } from "../address/address.ts";
import { hostField, parseWebUrl, type WebUrl } from "../address/web.ts";
import type { Channel, Duplex } from "../core/duplex.ts";
import { AddressError, BrokenError, RefusedError, TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { withTimeout } from "../core/time.ts";
import { basic } from "../http/basic.ts";
import { type Field, formatRequest, HeadError } from "../http/head.ts";
import { readAnswer } from "../http/response.ts";
import { type AttemptOptions, connectOnce } from "./connect.ts";

/** What is waited for. */
export interface Subject {
  /** The address to connect to; its text is that of the URL, if there is one. */
  readonly address: Address;
  readonly url?: WebUrl;
}

type Options = AttemptOptions & { readonly interval: number };

/** From this status on, a server says that it can't answer now (RFC 9110 §15.6). */
const SERVER_ERROR = 500;

/** Parses an address or a URL. Throws an `AddressError` for a malformed one. */
export function parseSubject(text: string): Subject {
  const url = parseWebUrl(text);
  if (url) {
    const { isSecure, host, port, text } = url;
    return { url, address: { scheme: isSecure ? "tls" : "tcp", host, port, text } };
  }
  return { address: parseAddress(text) };
}

/** Returns a subject that may come up. Throws an `AddressError` for one that nobody listens on. */
export function requireWaitable(subject: Subject): Subject {
  if (canListen(subject.address)) return subject;
  const { text } = subject.address;
  throw new AddressError(text, "can't be waited for: nothing ever listens there");
}

/**
 * Connects and closes. Over UDP, where connecting proves nothing, waits for an answer too; of a
 * page, for a status below 500. Rejects with a `CoaxError` that says why it isn't there.
 */
export async function checkAvailable(
  { address, url }: Subject,
  options: Options,
  log: Log,
): Promise<void> {
  const connection = await connectOnce(address, options, log);
  try {
    if (url) await requestPage(connection as Duplex, url, options.connectTimeout, log);
    else if (address.scheme === "udp") {
      await receiveAnswer(connection as Channel, address, options.interval);
    }
  } finally {
    connection.close();
    await connection.closed;
  }
}

/** Sends an empty datagram and waits for any datagram. */
async function receiveAnswer(connection: Channel, { text }: Address, ms: number): Promise<void> {
  await connection.send({ data: new Uint8Array() });
  await withTimeout(
    connection.receive(),
    ms,
    () => new TimeoutError("receive", text, "no answer"),
  );
}

/** Asks for a page. A redirect is an answer like others, and isn't followed. */
async function requestPage(
  connection: Duplex,
  url: WebUrl,
  ms: number,
  log: Log,
): Promise<void> {
  const { text, path, login, isSecure } = url;
  const fields: Field[] = [
    ["Host", hostField(isSecure, url)],
    ["User-Agent", "coax"],
    ["Accept", "*/*"],
    ...login ? [["Authorization", basic(login)] as const] : [],
    ["Connection", "close"],
  ];
  const exchange = async () => {
    await connection.write(formatRequest("GET", path, fields));
    return await readAnswer(connection);
  };
  const late = () => new TimeoutError("request", text, `no answer for ${ms / 1000} s`);
  const answer = await withTimeout(exchange(), ms, late).catch((error) => {
    if (!(error instanceof HeadError)) throw error;
    throw new RefusedError("request", text, `no valid answer: ${error.message}`);
  });
  if (!answer) throw new BrokenError("request", text, "the server ended without an answer");
  const { line, status } = answer.head;
  log.debug("response", `request ${text}: ${line}`, { address: text, response: line });
  if (status >= SERVER_ERROR) throw new RefusedError("request", text, line);
}
