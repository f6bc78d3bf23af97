/** Options of the relay alone. */
import { choice, custom, defaultTo, group, repeated, toggle } from "../flags/flag.ts";
import { count, duration, list, probability, rate, size, text } from "../flags/kinds.ts";
import { needing } from "../flags/needs.ts";
import { nearDuration, nearSize } from "../flags/near_values.ts";
import { expected, parseDuration, parseSize } from "../flags/values.ts";
import * as needs from "../options/needs.ts";
import { lineEnds } from "../options/text_needs.ts";
import { seedFlag, toxicFlag } from "../options/toxics.ts";
import { BALANCES } from "./targets.ts";

export const relayFlags = group("Relaying", {
  once: toggle("serve one connection, then end with its status"),
  ...needing(needs.severalTargets, {
    balance: defaultTo(choice("who of several TOs is next", BALANCES), "round-robin"),
  }),
  ...needing(needs.proxyServer, {
    allowTarget: list("what a proxy's clients may reach: host[:port], CIDR[:port], [fd00::/8]:443"),
    auth: text("ask a proxy's clients to log in with this; @FILE has it", {
      value: "USER:PASSWORD|@FILE",
      file: "@read",
    }),
  }),
  ...needing(needs.webSockets, {
    passHeaders: toggle("pass a WebSocket client's Cookie and Authorization on to TO"),
  }),
  accessLog: toggle("tell of each connection that is over, as on a terminal anyway; excludes -q"),
  progress: toggle("show who is connected, and bytes and rate each way, as they go"),
  metrics: text("tell Prometheus how it goes, at /metrics of this address", { value: "ADDRESS" }),
  ...needing(needs.proxyHeaders, {
    proxyProtocol: repeated(
      choice(
        "expect a PROXY header from FROM (in; --allow and --deny judge whom it names, and who sends it), or send one to TO",
        ["in", "v1", "v2"],
      ),
    ),
  }),
});

/** Options on how TO of a relay is closed, and on line endings sent to it. */
export const closeFlags = group("Messages and text", {
  linger: duration("after our own end, wait at most this long for a silent peer"),
  ...needing(lineEnds, {
    crlf: toggle("send LF as CRLF"),
  }),
});

/** After how much in one direction, or how long, something happens: bytes, or milliseconds. */
export type Limit = { readonly bytes: number } | { readonly time: number };

function parseLimit(text: string): Limit {
  if (/^[\d.]+(?:ms|s|m|h)$/.test(text)) return { time: parseDuration(text) };
  try {
    return { bytes: parseSize(text) };
  } catch {
    const what = "a size such as 64k or 1MiB, or a duration such as 500ms or 10s";
    throw expected(what, nearSize(text) || nearDuration(text));
  }
}

const limit = (help: string) => custom(help, parseLimit, { value: "SIZE|D" });

export const faultFlags = group("Faults, for testing", {
  rate: rate("carry at most this much each way, in pieces of at most 100 ms"),
  delay: duration("deliver everything this much later, each way"),
  jitter: duration("vary the delay by up to this much"),
  ...needing(needs.bytesSomewhere, {
    chop: size("send in pieces of at most this size", { least: 1 }),
  }),
  cutAfter: limit("end a connection after this much has gone one way, or after this long"),
  resetAfter: limit("end it with a reset, where one can be sent"),
  stallAfter: limit("let nothing more pass, and leave the connection open: a pulled cable"),
  ...needing(needs.messagesSomewhere, {
    drop: probability("lose messages with this probability"),
    dup: probability("send messages twice with this probability"),
    reorder: count("let messages be overtaken by up to this many", 1),
  }),
  ...needing(needs.toxicsOfRelay, { toxic: toxicFlag }),
  ...needing(needs.anyFault, { seed: seedFlag }),
});
