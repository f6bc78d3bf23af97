/** `coax help exit-status`: what each `status` of `src/core/errors.ts` means. */
import type { Topic } from "./topic.ts";

export const exitStatus: Topic = {
  name: "exit-status",
  summary: "what a command's exit status says",
  sections: [
    {
      rows: [
        [
          "0",
          "done; also a listening command that SIGINT, SIGTERM or SIGHUP has ended, even if --grace " +
          "ran out, unless --expect still waits (9)",
        ],
        ["1", "the connection broke: reset, unexpected end, TLS cut short, a child that failed"],
        ["2", "usage: the message names the option or address"],
        ["3", "a name could not be resolved"],
        ["4", "cannot connect or listen: refused, unreachable, address in use, permission"],
        [
          "5",
          "timed out: connect, handshake, idle, linger (byte streams), wait, pong; the message " +
          "says which",
        ],
        ["6", "TLS failed: unknown issuer, wrong name, expired, pin mismatch"],
        ["7", "a proxy or an HTTP upgrade refused; the message has its status"],
        [
          "8",
          "the peer closed a WebSocket abnormally: with a code that isn't 1000, 1001, 1005 or the " +
          "one that we sent, or without a Close (1006)",
        ],
        ["9", "an expectation failed: --expect, bench with lost or wrong bytes, replay --check"],
        ["10", "stdin, stdout or a file failed"],
        [
          "129, 130, 143",
          "SIGHUP, SIGINT or SIGTERM has ended a command that isn't a listening one: client, wait, " +
          "bench, replay",
        ],
        ["131", "SIGQUIT has ended the command, at once, whichever it was"],
      ],
    },
    {
      text: "Every status but 0 comes with one line on stderr that names what was being done and " +
        "the address tried, also with -q. With -- COMMAND, coax wait ends with COMMAND's status.",
    },
    {
      text:
        "SIGHUP and SIGQUIT that were ignored at the start stay ignored (nohup; Linux and macOS).",
    },
  ],
};
