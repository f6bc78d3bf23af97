/** Parses an address of websocat: `ws-l:127.0.0.1:80`. */
import { UsageError } from "../../core/errors.ts";
import { hostPort, portOf, socketFile } from "../translation.ts";
import type { WebsocatDraft } from "./options.ts";

/** One of websocat's two addresses, for coax. */
export interface WebsocatEndpoint {
  readonly role: "stdio" | "connect" | "listen" | "echo" | "room";
  readonly address: string;
}

/** Address types by their names and aliases (websocat's doc.md). */
const TYPES: readonly (readonly [
  names: RegExp,
  end: (rest: string, draft: WebsocatDraft) => WebsocatEndpoint,
])[] = [
  [/^wss?:\/\//, (rest) => ({ role: "connect", address: rest })],
  [/^(?:-|(?:async|threaded)?stdio:)$/, () => ({ role: "stdio", address: "-" })],
  [/^(?:ws-l|ws-listen|l-ws|listen-ws):(?:tcp-l:)?/, (rest) => listener("ws://", rest)],
  [/^(?:wss-l|wss-listen|l-wss|listen-wss):/, (rest) => listener("wss://", rest)],
  [/^(?:tcp-l|tcp-listen|l-tcp|listen-tcp):/, (rest) => listener("", rest)],
  [/^(?:udp-l|udp-listen|l-udp|listen-udp):/, (rest) => listener("udp://", rest)],
  [
    /^(?:unix-l|unix-listen|l-unix|listen-unix):/,
    (rest) => ({ role: "listen", address: socketFile(rest) }),
  ],
  [
    /^(?:abstract-l|abstract-listen|l-abstract|listen-abstract):/,
    (rest) => ({ role: "listen", address: `unix:@${rest}` }),
  ],
  [
    /^(?:tcp|tcp-c|tcp-connect|c-tcp|connect-tcp):/,
    (rest) => ({ role: "connect", address: rest }),
  ],
  [
    /^(?:udp|udp-c|udp-connect|c-udp|connect-udp):/,
    (rest) => ({ role: "connect", address: `udp://${rest}` }),
  ],
  [
    /^(?:unix|unix-c|unix-connect|c-unix|connect-unix):/,
    (rest) => ({ role: "connect", address: socketFile(rest) }),
  ],
  [
    /^(?:abstract|abstract-c|abstract-connect|c-abstract|connect-abstract):/,
    (rest) => ({ role: "connect", address: `unix:@${rest}` }),
  ],
  [/^(?:sh-c|cmd):/, (rest) => ({ role: "connect", address: `sh:${rest}` })],
  [
    /^exec:/,
    (rest, { args }) => ({ role: "connect", address: `exec:${[rest, ...args ?? []].join(" ")}` }),
  ],
  [/^mirror:$/, () => ({ role: "echo", address: "" })],
  [/^broadcast:mirror:$/, () => ({ role: "room", address: "" })],
];

function listener(scheme: string, hostPortText: string): WebsocatEndpoint {
  const [, host, port] = /^(?:(.*):)?(\d+)$/.exec(hostPortText) ?? [];
  if (port === undefined) throw new UsageError(`"${hostPortText}"`, "expected HOST:PORT");
  const where = host === undefined ? portOf(port, 0) : hostPort(host, portOf(port, 0));
  return { role: "listen", address: scheme + where };
}

/** Parses one address. Null, with a note, where coax has nothing like it. */
export function parseWebsocatAddress(text: string, draft: WebsocatDraft): WebsocatEndpoint | null {
  const plain = text.replace(/^(?:(?:reuse|reuse-raw|autoreconnect):)+/, (overlay) => {
    draft.notes.push(`${overlay} has no counterpart in coax: every connection gets one of its own`);
    return "";
  });
  for (const [names, endpointOf] of TYPES) {
    const [name] = names.exec(plain) ?? [];
    if (name !== undefined) {
      return endpointOf(name.endsWith("://") ? plain : plain.slice(name.length), draft);
    }
  }
  if (!/^[\w-]+:/.test(text)) throw new UsageError(`"${text}"`, "expected a websocat address");
  draft.notes.push(`coax has nothing like ${text}`);
  return null;
}

/** Whether an endpoint carries messages, not bytes. */
export function hasMessages({ address }: WebsocatEndpoint): boolean {
  return /^(?:wss?|udp):/.test(address);
}
