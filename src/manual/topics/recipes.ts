/** `coax help recipes`: short answers to common questions. Tests run them. */
import type { Topic } from "./topic.ts";

export const recipes: Topic = {
  name: "recipes",
  summary: "command lines for common tasks",
  sections: [
    {
      heading: "Send a file to another machine",
      lines: [
        ["coax server :9000 > copy", "there: on every interface, ends with the sender"],
        ["coax client host:9000 < file", "here"],
      ],
    },
    {
      heading: "Send a folder",
      lines: [
        ["coax server :9000 | tar x", "there"],
        ["tar c folder | coax client host:9000", "here"],
      ],
    },
    {
      heading: "Wait for a service",
      lines: [
        ["coax wait --timeout 30s db:5432 -- ./serve", "start ./serve once db answers"],
        ["coax wait --once host:22", "is it there? status 0 or 4"],
        ["coax wait --once host:20-30", "which of these ports are open?"],
        ["coax wait https://host/health", "until it answers with a status below 500"],
      ],
    },
    {
      heading: "Ask one question",
      lines: [
        [
          "coax client 7007 --send 'ping\\n' --expect ping --within 2s",
          "status 0 if the answer came, 9 if it didn't",
        ],
        [
          "coax client host:80 --send 'GET / HTTP/1.0\\r\\n\\r\\n' < /dev/null",
          "an HTTP request by hand",
        ],
      ],
    },
    {
      heading: "See what two programs say to each other",
      lines: [
        ["coax relay -x 8080 host:80", "use port 8080 instead of host:80; a hexdump on stderr"],
        ["coax relay -v 8080 host:80", "who connects, who ends first, how many bytes"],
        ["coax relay 8080 host:80 --record talk.jsonl", "write it down, to look at it later"],
        ["coax replay talk.jsonl --draw --explain", "a diagram of it, with explanations"],
      ],
    },
    {
      heading: "Make a port of something else",
      lines: [
        ["coax relay 5432 unix:/run/postgresql/.s.PGSQL.5432", "of a Unix socket"],
        ["coax relay 9000 exec:'tr a-z A-Z'", "of a command; every connection runs its own"],
        ["coax relay 9000 file:/dev/ttyUSB0", "of a serial line, once stty has set its speed"],
      ],
    },
    {
      heading: "Reach a port that only this machine may use",
      lines: [[
        "coax relay :8080 3000",
        "port 8080 of every interface leads to 3000 of this machine",
      ]],
    },
    {
      heading: "Something to test a client against",
      lines: [
        ["coax echo 7007", "every byte comes back"],
        ["coax server -k --prefix 9000", "see what all clients send, each line with its sender"],
      ],
    },
  ],
};
