/** The schemes of addresses. */

/** The prefix of each scheme's addresses. */
export const PREFIXES = {
  tcp: "tcp://",
  tls: "tls://",
  udp: "udp://",
  ws: "ws://",
  wss: "wss://",
  gate: "gate://",
  "gate+tls": "gate+tls://",
  "gate+ws": "gate+ws://",
  "gate+wss": "gate+wss://",
  unix: "unix:",
  unixgram: "unixgram:",
  "ws+unix": "ws+unix:",
  file: "file:",
  "file+read": "file+read:",
  "file+append": "file+append:",
  exec: "exec:",
  sh: "sh:",
  stdio: "-",
} as const;

export type Scheme = keyof typeof PREFIXES;
