/** Options of the relay alone. */
import {
  choice,
  count,
  defaultTo,
  duration,
  group,
  list,
  probability,
  rate,
  repeated,
  size,
  text,
  toggle,
} from "../flags/flag.ts";
import { needing } from "../flags/needs.ts";
import * as needs from "../options/needs.ts";
import { BALANCES } from "./targets.ts";

export const relayFlags = group("Relaying", {
  once: toggle("serve one connection, then end with its status"),
  balance: defaultTo(choice("who of several TOs is next", BALANCES), "round-robin"),
  ...needing(needs.proxyServer, {
    allowTarget: list("what a proxy's clients may reach: host[:port], CIDR[:port], [fd00::/8]:443"),
  }),
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
  ...needing(needs.bytesFrom, {
    crlf: toggle("send LF as CRLF"),
  }),
});

export const faultFlags = group("Faults, for testing", {
  rate: rate("carry at most this much each way, in bursts of at most 100 ms"),
  delay: duration("deliver everything this much later, each way"),
  jitter: duration("vary the delay by up to this much"),
  ...needing(needs.bytesSomewhere, {
    chop: size("send in pieces of at most this size", { least: 1 }),
  }),
  cutAfter: size("end a connection after this much has gone one way"),
  resetAfter: size("end it with a reset, where one can be sent"),
  ...needing(needs.messagesSomewhere, {
    drop: probability("lose messages with this probability"),
    dup: probability("send messages twice with this probability"),
    reorder: count("let messages be overtaken by up to this many", 1),
  }),
  seed: count("the same seed gives the same faults", 0),
});
