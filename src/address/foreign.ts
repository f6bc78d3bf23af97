/** What other programs call an address, and how it is written here. */

/**
 * A form that isn't ours, and what to say about it. Forms are texts, since expressions for all of
 * them take half a millisecond of every start.
 */
type Rule = readonly [form: string, advice: (...groups: string[]) => string];

const HOST = String.raw`(\[[\da-f:.%]+\]|[^\s:/@,;：[\]]+)`;
const meant = (address: string) => `did you mean ${address}?`;
const rule = (form: string, advice: Rule[1]): Rule => [form, advice];

/** socat's and websocat's names of transports, as prefixes of ours. */
const KEYWORDS: Readonly<Record<string, string>> = {
  tcp: "",
  udp: "udp://",
  openssl: "tls://",
  ssl: "tls://",
  unix: "unix:",
  ws: "ws://",
};
const ACTS = "connect|client|sendto|listen|server|recvfrom|recv|c|l";
/** A name that no host has: with a family, an act, or that of a library. */
const KEYWORD = `(tcp|udp|unix|ws)(?:[46](?:-(${ACTS}))?|-(${ACTS}))|(openssl|ssl)(?:-(${ACTS}))?`;

/** `TCP-LISTEN:80,fork` as `:80`. */
const KEYWORD_RULE = rule(`(?:${KEYWORD}):([^,]+)(?:,.*)?`, (plain, a, b, library, c, rest) => {
  const listens = /^(?:l|listen|server|recv\w*)$/i.test(a ?? b ?? c ?? "") && /^\d+$/.test(rest!);
  return meant(`${KEYWORDS[(plain ?? library)!.toLowerCase()]}${listens ? ":" : ""}${rest}`);
});

/** The first match counts. */
const RULES: readonly Rule[] = [
  rule("", () => "it is empty; is a variable unset?"),
  // Digits and signs of an input method for Chinese or Japanese, in its full width.
  rule("(.*[！-～].*)", (typed) => {
    const halved = typed.normalize("NFKC").trim();
    return /^(?:\w+:\/\/)?(?:[^\s:;,]*:|\[[^\]]+\]:)?\d+$/.test(halved) ? meant(halved) : "";
  }),
  KEYWORD_RULE,
  rule("(?:system|shell):([^,]+)(?:,.*)?", (line) => meant(`sh:${line}`)),
  rule("stdin|stdout|stdio|fd:[012]", () => meant("-")),
  rule("(socks5|http-proxy)", (server) => `as TO of a relay it is ${server}:`),
  rule("(?:open|gopen):([^,]+)(?:,.*)?", (path) => meant(`file:${path}`)),
  rule(
    "(?:create|creat|writefile|appendfile):([^,]+)(?:,.*)?",
    (path) => meant(`file+append:${path}`),
  ),
  rule("(?:pipe|readfile):([^,]+)(?:,.*)?", (path) => meant(`file+read:${path}`)),
  rule("(?:socks4a?|socks5?|proxy):.+", () => "a proxy stands in --via"),
  rule(String.raw`(?:\w+://)?[\d.]+/\d+(?::\d+)?`, () => "a range of addresses stands in --allow"),
  rule(
    String.raw`((?:\.{0,2}|~[^/]*)/[^:]+|[^\s:/@]+\.sock(?:et)?)`,
    (path) => meant(`unix:${path.replace(/^~(?=\/)/, "$HOME")}`),
  ),
  rule(
    String.raw`(tcp|tls|udp)://${HOST}(:\d+)/.*`,
    (scheme, host, port) => `${scheme} has no path; ${meant(`${scheme}://${host}${port}`)}`,
  ),
  rule(`${HOST}(:\\d+)(/.*)`, (host, port, path) => {
    const webSocket = `ws://${host}${port}${path}`;
    return `TCP has no path; did you mean ${host}${port}, or for a WebSocket ${webSocket}?`;
  }),
  rule(String.raw`(\w+://)?${HOST}:(\d+)(?:-\d+|(?:,\d+)+)`, (scheme = "", host, port) => {
    return `an address has one port, as in ${scheme}${host}:${port}`;
  }),
  rule(
    String.raw`\s*(\w+://)?${HOST}?(?:\s+|\s*[,;：]\s*|:\s+)(\d+)\s*|\s+(\S+:\d+)\s*|(\S+:\d+)\s+`,
    (scheme = "", host = "", port, ...whole) => {
      return meant(port ? `${scheme}${host}:${port}` : whole.find(Boolean)!);
    },
  ),
  rule(String.raw`(\w+://)?${HOST}:?`, (scheme = "", host) => {
    if (host.startsWith("-")) return "";
    return `the port is missing, as in ${scheme}${host === "*" ? "" : host}:9000`;
  }),
];

/** What is probably meant by a text that is no address; empty where nobody can tell. */
export function adviceFor(text: string): string {
  return adviceOf(RULES, text) ?? "";
}

/** What a text means that could be a host and a port, and is another program's address. */
export function keywordAdvice(text: string): string | undefined {
  return adviceOf([KEYWORD_RULE], text);
}

function adviceOf(rules: readonly Rule[], text: string): string | undefined {
  for (const [form, advice] of rules) {
    const match = new RegExp(`^(?:${form})$`, "is").exec(text);
    if (match) return advice(...match.slice(1));
  }
}
