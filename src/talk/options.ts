/** Options of commands that connect a peer to stdin and stdout. */
import { choice, custom, defaultTo, group, repeated, toggle } from "../flags/flag.ts";
import { bytes, duration, regExp } from "../flags/kinds.ts";
import { needing } from "../flags/needs.ts";
import { parseDuration, parseHex } from "../flags/values.ts";
import * as needs from "../options/needs.ts";
import { lineEnds, utf8Sends } from "../options/text_needs.ts";

const forever = (given: string) => given === "wait" ? Infinity : parseDuration(given);

/** Options of a server that talks to many visitors at once. */
export const shareFlags = group(
  "Talking",
  needing(needs.beside("keepOpen"), {
    slow: defaultTo(
      custom("-k: let a visitor go that the others have waited for this long", forever, {
        value: "D|wait",
      }),
      "5s",
    ),
  }),
);

export const talkFlags = group("Talking", {
  ...needing(needs.listening, {
    keepOpen: toggle("serve many at once; stdin goes to all of them", "k"),
  }),
  ...needing([utf8Sends, needs.takingPeer], {
    send: repeated(
      bytes(
        "send this before stdin, as its own message over datagrams and WebSocket; knows \\r \\n \\t \\0 \\\\ \\xHH \\u{…}; repeatable",
        {
          value: "TEXT",
        },
      ),
    ),
  }),
  ...needing(needs.sayingPeer, {
    expect: regExp(
      "end with status 0 once the received text matches (64 KiB at most), 9 if it never does",
    ),
    expectBytes: custom(
      "the same for bytes in hexadecimal, such as 'ff 00'; with --encoding those of UTF-8",
      parseHex,
      { value: "HEX" },
    ),
  }),
  ...needing(needs.expecting, {
    within: duration(
      "how long --expect or --expect-bytes waits, counted from the start of the command",
    ),
  }),
  ...needing([needs.without("recvOnly"), needs.takingPeer], {
    sendOnly: toggle(
      "send only: what is received is dropped, and --linger (1s) after our end it is over",
    ),
  }),
  ...needing(needs.sayingPeer, { recvOnly: toggle("receive only: stdin is left alone") }),
  ...needing(needs.ownEnd, {
    eof: choice("end at the peer's end (peer), or never before both ends (both)", ["both", "peer"]),
  }),
  ...needing(needs.without("recvOnly"), {
    linger: duration("after our own end, wait at most this long for a silent peer"),
  }),
  ...needing([
    lineEnds,
    needs.takingPeer,
    { ways: [{ without: "recvOnly" }, { beside: "send" }] },
  ], {
    crlf: toggle("send LF as CRLF"),
  }),
  ...needing([needs.without("sendOnly"), needs.sayingPeer], {
    prefix: toggle("mark each line of output with the peer it came from"),
  }),
  progress: toggle(
    "show bytes and rate each way; where stdin is a file also a bar and the time left",
  ),
  raw: toggle("don't escape control characters on a terminal"),
});
