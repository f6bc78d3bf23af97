/** The options that several commands share, in the groups that help shows. */
import {
  bytes,
  choice,
  count,
  counter,
  custom,
  defaultTo,
  duration,
  group,
  octal,
  regExp,
  repeated,
  text,
  toggle,
} from "../flags/flag.ts";
import { parseCount } from "../flags/values.ts";
import { ENCODING_ERRORS } from "../wrap/encoding.ts";
import { FRAMES } from "../wrap/frame.ts";

export const general = group("Everywhere", {
  help: toggle("show this help", "h"),
  verbose: counter("tell every step of a socket's life; twice: every read and write", "v"),
  quiet: toggle("tell errors only", "q"),
  logFormat: defaultTo(choice("how stderr is written", ["text", "json"]), "text"),
  color: defaultTo(choice("colour on stderr", ["auto", "always", "never"]), "auto"),
});

export const listening = group("Listening", {
  maxConnections: defaultTo(
    count("close new connections over this number", 1, { short: "m" }),
    "1024",
  ),
  idleTimeout: duration("end a connection that moves no byte for this long"),
  grace: defaultTo(duration("time for connections to finish after SIGINT or SIGTERM"), "5s"),
  readyFile: text("write the bound addresses to this file, a line each, once all are bound", {
    value: "PATH",
  }),
  socketMode: defaultTo(octal("permissions of a Unix socket's file"), "0600"),
});

const attempts = (given: string) => given === "forever" ? Infinity : parseCount(given, 0);

export const connecting = group("Connecting", {
  ipv4: toggle("use IPv4 only", "4"),
  ipv6: toggle("use IPv6 only", "6"),
  connectTimeout: defaultTo(duration("give up an attempt after this long"), "10s"),
  retry: defaultTo(custom("try again this often", attempts, { value: "N|forever" }), "0"),
  retryDelay: defaultTo(
    duration("wait before the first retry; doubles with each, up to 30s"),
    "200ms",
  ),
  idleTimeout: duration("end a connection that moves no byte for this long"),
});

export const talking = group("Talking", {
  send: repeated(
    bytes("send this before stdin; knows \\r \\n \\t \\0 \\\\ \\xHH \\u{…}; repeatable", {
      value: "TEXT",
    }),
  ),
  expect: regExp("end with status 0 once the received text matches, 9 if it never does"),
  within: duration("how long --expect waits"),
  sendOnly: toggle("send only: what is received is dropped"),
  recvOnly: toggle("receive only: stdin is left alone"),
  eof: choice("end at the peer's end (peer), or never before both ends (both)", ["both", "peer"]),
  linger: duration("after our own end, wait at most this long for a silent peer"),
  crlf: toggle("send LF as CRLF"),
  prefix: toggle("mark each line of output with the peer it came from"),
  raw: toggle("don't escape control characters on a terminal"),
});

/** How text and messages become bytes: for `server` and `client`, and for TO of a relay. */
export const framing = group("Talking", {
  frame: choice("how messages are told apart in a stream", FRAMES),
  encoding: text("the peer's text encoding: gbk, shift_jis, windows-1252 …", { value: "NAME" }),
  encodingErrors: defaultTo(
    choice("what text that an encoding lacks becomes", ENCODING_ERRORS),
    "replace",
  ),
});

export const seeing = group("Seeing", {
  dump: toggle("show what goes each way as a hexdump on stderr", "x"),
  record: text("record every connection in this file, for coax replay", { value: "FILE" }),
  force: toggle("overwrite the file of --record"),
});
