/** `coax help addresses`: everything that `parseAddress` takes. */
import type { Row } from "../layout.ts";
import type { Topic } from "./topic.ts";

/** The short list for `coax --help`. */
export const SHORT_ADDRESSES: readonly Row[] = [
  ["9000  host:9000  [::1]:9000", "TCP; a bare port is this machine, over IPv4 and IPv6"],
  [":9000", "listening: every interface"],
  ["tls://…  udp://…", "the same with a scheme before it"],
  ["ws://host:port/path  wss://…", "WebSocket"],
  ["unix:PATH", "Unix stream socket"],
  ["exec:'COMMAND ARG...'", "a child process: its stdin and stdout are the connection"],
  ["sh:'LINE'", "the same through a shell"],
  ["file:PATH", "a file, a serial line; file+read: and file+append: for one way, as a FIFO's"],
  ["-", "this process's stdin and stdout"],
];

export const addresses: Topic = {
  name: "addresses",
  summary: "how the ends of a connection are written",
  sections: [
    {
      rows: [
        [
          "9000",
          "TCP port 9000 of this machine: listening binds 127.0.0.1 and ::1, connecting tries both",
        ],
        [
          ":9000, *:9000",
          "listening: every interface, over IPv4 and IPv6; connecting: the same as localhost:9000",
        ],
        [
          "host:9000, 1.2.3.4:9000, [::1]:9000",
          "TCP there; a port may be the name of a service: host:ssh. In bücher.example, whoever gets " +
          "the name gets xn--bcher-kva.example",
        ],
        [
          "tcp://…, tls://…, udp://…",
          "the same forms after a scheme: udp://9000, tls://:8443, tcp://[::1]:80",
        ],
        [
          "udp://239.1.2.3:5000, udp://[ff02::7%eth0]:5000",
          "a multicast group: listening joins it on every interface, or on that of the zone; " +
          "connecting sends to all who have, one hop far, and hears whoever answers. --bind HOST " +
          "chooses the interface to send on",
        ],
        [
          "udp://192.0.2.255:5000",
          "a broadcast address takes --broadcast; whoever answers is heard",
        ],
        [
          "ws://host:port/path?query, wss://…",
          "WebSocket; the ports are 80 and 443 unless given; ws://8080 and ws://:8080/x work too, " +
          "and ws://user:password@host/ to log in",
        ],
        [
          "unix:PATH, unix:///PATH",
          "a Unix stream socket; its file has mode 0600 (--socket-mode) and is removed at the end",
        ],
        [
          "unix:@NAME",
          "an abstract Unix socket (Linux): a name that no file stands for, free again once its " +
          "listener ends; anyone on this machine may connect. A file called @NAME is unix:./@NAME",
        ],
        [
          "unixgram:PATH, unixgram:@NAME",
          "a Unix socket for datagrams, such as /dev/log (Linux): message borders are kept, a slow " +
          "receiver slows its senders, and a peer without a path of its own can't be answered",
        ],
        ["ws+unix:PATH:/uri, ws+unix:@NAME:/uri", "WebSocket over a Unix socket"],
        [
          "gate://host:7000/8080, gate+tls://…, gate+ws://…, gate+wss://…",
          "listening only: a port of the machine where coax gate runs",
        ],
        [
          "file:PATH, file:///PATH",
          "a file or a device, such as a serial line (stty sets its speed): it is read from its start " +
          "to its end, and what is sent is appended, to a new file where there is none",
        ],
        ["file+read:PATH, file+append:PATH", "the same one way; a FIFO has no other (Linux)"],
        [
          "exec:COMMAND ARG...",
          "a child process: its stdin and stdout are the connection; words are split as a shell " +
          "does, but no shell runs",
        ],
        ["sh:LINE", "the same through sh -c (cmd /c on Windows)"],
        ["-, stdio:", "this process's stdin and stdout"],
      ],
    },
    {
      text: 'Listening on port 0 takes any free port. The lines that begin with "listening on" ' +
        "have the real one, in a form that coax client takes.",
    },
    {
      text:
        "Windows has no Unix sockets for coax: unix:, unixgram: and ws+unix: are usage errors there. In " +
        "exec: a backslash quotes the next character, but on Windows belongs to a path.",
    },
    {
      text:
        "exec:, sh:, file: and - can't be listened on. As FROM of a relay they are opened once: " +
        "coax relay - ws://host/x pipes. As TO they are opened for every connection: " +
        "coax relay 9000 exec:'cat -n' runs a child for each. A child and what it has started " +
        "end with coax. It has no terminal: what asks for a password there can't.",
    },
    {
      text: "file: never empties a file, and reads no more than it held when it was opened. A " +
        "device has no end: --linger of silence after ours (1s) is one. Nothing that is sent to " +
        "file+read: goes anywhere; file+append: ends when its sender does. A FIFO that nobody " +
        "reads refuses, and --retry waits for its reader.",
    },
    {
      text: "Between two WebSockets, a relay asks a TO without a path for the client's path and " +
        "query, and a TO with one for its own. TO chooses among the client's subprotocols, and " +
        "the client is answered as TO answers: 502 where it can't be reached.",
    },
    {
      text: "A child is told of the connection that it serves by COAX_PEER, COAX_LOCAL and " +
        "COAX_ID. A WebSocket's has COAX_PATH, COAX_QUERY and COAX_PROTOCOL as well, empty " +
        "where the client names none; for any other child these three are unset.",
    },
  ],
};
