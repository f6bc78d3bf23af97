/** Options of other programs, and what does here what they do there. */
/** Spellings, separated by blanks, and the advice, which may need the option's value. */
type Entry = readonly [spellings: string, advice: string | Advise];
/** @param knows Whether the command has an option, `--linger`. */
type Advise = (value: string, knows: (option: string) => boolean) => string;

const TIME_LIMITS = ["--connect-timeout", "--timeout", "--idle-timeout", "--linger", "--within"];

const example = (value: string, form: RegExp, otherwise: string) =>
  form.test(value) ? value : otherwise;

const ENTRIES: readonly Entry[] = [
  ["-l --listen --listening", "to listen, say coax server ADDRESS"],
  [
    "-p --port --local-port",
    (value) => `the port is a part of the address, as in host:${example(value, /^\d+$/, "9000")}`,
  ],
  ["--host --hostname --addr --address --ip", "the host is a part of the address, as in host:9000"],
  ["-u --udp", "the address says so: udp://host:9000"],
  ["-U --unix --unixsock --unix-socket", "the address says so: unix:PATH"],
  ["--tcp", "an address without a scheme is TCP: host:9000"],
  ["--ssl --tls -ssl", "the address says so: tls://host:443"],
  ["--ws --websocket", "the address says so: ws://host:80/path"],
  [
    "-w -W -G -T --wait --timeout --max-time --read-timeout --idle",
    (_, knows) => `time limits are ${TIME_LIMITS.filter(knows).join(", ")}`,
  ],
  ["-z -Z --zero --check --scan", "whether a port is open says coax wait --once ADDRESS"],
  [
    "-e -c --exec --sh-exec --lua-exec --command --cmd",
    "a command is an address: coax relay 9000 exec:COMMAND",
  ],
  ["-n --nodns --numeric", "leave it out: an address in numbers is never looked up"],
  ["-N --shutdown --half-close", "leave it out: the end of stdin is always passed on"],
  ["-t --telnet", "coax speaks no telnet negotiation"],
  [
    "-L -R --forward --tunnel",
    (value) => {
      const [, port, target] = /^(?:[\w.*]*:)?(\d+):([^:]+:\d+)$/.exec(value) ?? [];
      return `to forward a port, say coax relay ${port ?? 8080} ${target ?? "host:80"}`;
    },
  ],
  [
    "-D --socks --dynamic",
    (value) => `to be a SOCKS proxy, say coax relay ${example(value, /^\d+$/, "1080")} socks5:`,
  ],
  ["-X --proxy --http-proxy --socks5 --socks5-hostname --socks4 --proxy-type", "that is --via URL"],
  [
    "--keepalive --keep-alive --fork --reuse --persistent --max-children",
    "coax server serves many at once with -k; echo, relay and chat always do",
  ],
  ["-k --keep-open", "only coax server has it; curl's -k is --insecure"],
  ["--broker --chat --room --join", "to host a room, say coax chat ADDRESS"],
  [
    "--nick --nickname --username --user --name",
    (value) => `members name themselves, with /nick ${example(value, /^[\w-]+$/, "NAME")}`,
  ],
  ["--no-check-certificate --no-verify --no-check --skip-verify --unsafe", "that is --insecure"],
  ["--cacert --ssl-trustfile --cafile --CAfile -CAfile --capath", "that is --ca FILE"],
  ["--cert --ssl-cert -cert", "our own certificate is --client-cert FILE --client-key FILE here"],
  ["--servername --sni --ssl-servername -servername", "that is --server-name NAME"],
  ["--subprotocol --sub-protocol --ws-protocol", "that is --protocol NAME"],
  ["--ping-interval --ws-ping-interval --heartbeat", "that is --ping D"],
  ["--basic-auth --auth-basic", "a login is a part of the address: ws://user:password@host"],
  ["--hex --hexdump --hex-dump --xxd", "that is -x"],
  ["--max-conns --max-clients --maxconn --limit-connections", "that is -m N"],
  ["--limit-rate --bandwidth --throttle --limit --rate-limit", "that is --rate RATE of coax relay"],
  ["--latency --lag", "that is --delay D of coax relay"],
  ["--packet-loss --loss", "that is --drop P of coax relay"],
  ["-o --output --out --append-output", "what is received is stdout: > FILE"],
  ["-i -f --input --file --in", "what is sent is stdin: < FILE"],
  ["--daemon --background --detach", "put & behind the command, or make it a service"],
  ["-s -S --silent", "that is -q"],
  ["--debug --trace", "that is -v, or -vv"],
  ["--json", "that is --log-format json"],
  ["--no-color --no-colour --nocolor", "that is --color never"],
  ["--reconnect --autoreconnect --retries --retry-count", "that is --retry N, or forever"],
  ["--retry-connrefused --retry-all-errors", "that is --retry N, which means refused ones as well"],
  ["-E --exit-on-eof --close-on-eof", "that is --eof peer"],
  ["--line --lines --linemode --jsonrpc", "that is --frame line"],
  ["--concurrency --parallel --clients --threads", "that is --connections N of coax bench"],
  ["--data --message --execute --write -d", "that is --send TEXT"],
  ["--dns --resolve", "names are the system's business: /etc/hosts, /etc/resolv.conf"],
  ["--man --usage --helo", "that is --help"],
];

const ADVICE = new Map(
  ENTRIES.flatMap(([spellings, advice]) =>
    spellings.split(" ").map((one) => [one, advice] as const)
  ),
);

/** Options that change what the whole line does: it says more than the option alone. */
const WHOLE_LINES = /^--(?:listen|exec|sh-exec|broker|chat)$/;

/** Whether the advice on an option beats a translation of its whole line. */
export const standsAlone = (option: string): boolean =>
  option.startsWith("--") && !WHOLE_LINES.test(option);

/**
 * Advice on an option that a command doesn't have, undefined for one that isn't in the table.
 *
 * @param option As written: `--nick=bob`, `-lp`.
 * @param next The word behind it.
 * @param knows Whether the command has an option.
 */
export function foreignOption(
  option: string,
  next: string | undefined,
  knows: (option: string) => boolean,
): string | undefined {
  const [, name = "", inline] = /^(--[^=]+|-[^-])(?:=(.*))?/s.exec(option) ?? [];
  const advice = ADVICE.get(option) ?? ADVICE.get(name);
  if (typeof advice !== "function") return advice;
  return advice(inline ?? (next?.startsWith("-") ? "" : next ?? ""), knows);
}

/** Every spelling in the table. */
export const foreignSpellings: readonly string[] = ENTRIES.flatMap(([spellings]) =>
  spellings.split(" ")
);
