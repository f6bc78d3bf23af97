/** Names of ports: the system's list (services(5)), and a short one of our own. */
import { platform } from "./platform.ts";

/** Ports by name where the system has no list, or isn't to be asked (IANA's registry). */
const BUILT_IN: ReadonlyMap<string, number> = new Map([
  ["amqp", 5672],
  ["discard", 9],
  ["dns", 53],
  ["domain", 53],
  ["echo", 7],
  ["ftp", 21],
  ["http", 80],
  ["http-alt", 8080],
  ["https", 443],
  ["imap", 143],
  ["imaps", 993],
  ["ldap", 389],
  ["ldaps", 636],
  ["mongodb", 27017],
  ["mqtt", 1883],
  ["mysql", 3306],
  ["nats", 4222],
  ["ntp", 123],
  ["pop3", 110],
  ["pop3s", 995],
  ["postgres", 5432],
  ["postgresql", 5432],
  ["redis", 6379],
  ["smtp", 25],
  ["smtps", 465],
  ["snmp", 161],
  ["socks", 1080],
  ["ssh", 22],
  ["submission", 587],
  ["syslog", 514],
  ["telnet", 23],
  ["tftp", 69],
  ["whois", 43],
]);

/** Names that ours may be mistaken for. */
export const wellKnownServices: readonly string[] = [...BUILT_IN.keys()];

let known: { readonly path: string; readonly ports: ReadonlyMap<string, number> } | undefined;

/**
 * The port of a service over `protocol`; undefined for an unknown name. Never throws.
 *
 * @param path The system's list.
 */
export function servicePort(
  name: string,
  protocol: "tcp" | "udp",
  path: string = platform().services,
): number | undefined {
  if (known?.path !== path) known = { path, ports: portsOf(readQuietly(path)) };
  const wanted = name.toLowerCase();
  return known.ports.get(`${wanted}/${protocol}`) ?? BUILT_IN.get(wanted);
}

function readQuietly(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // A system without the file, or no right to read any more.
  }
}

/** Ports by `name/protocol`, of lines such as `http 80/tcp www # WorldWideWeb`. */
function portsOf(text: string): Map<string, number> {
  const ports = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name, place = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const [, port, protocol] = /^(\d{1,5})\/(tcp|udp)$/.exec(place) ?? [];
    if (port === undefined) continue;
    for (const one of [name!, ...aliases]) {
      const key = `${one.toLowerCase()}/${protocol}`;
      if (!ports.has(key)) ports.set(key, Number(port));
    }
  }
  return ports;
}
