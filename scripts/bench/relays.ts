/** The relays that are compared: each relays a port of its own to `target`, on 127.0.0.1. */
import { compileModule } from "./compiled.ts";
import { startNginx } from "./ends/web.ts";
import type { Contender } from "./experiment.ts";
import { freePort, type Lab } from "./lab.ts";

/** Starts a relay and resolves with its port. */
export type Relay = (lab: Lab, target: number) => Promise<number>;

/** How the report names them. */
export const HAPROXY = "haproxy, 1 thread";
export const NGINX = "nginx stream";
export const BARE = "a bare loop in Deno";
export const NONE = "no relay";

/** Connections at once that no relay may refuse. */
const MOST = 8000;
/** Connections that may wait to be accepted. Linux allows no more unless told (`somaxconn`). */
const BACKLOG = 4096;

/** Contenders that do the same work through each relay, to a target on 127.0.0.1. */
export function through(
  lab: Lab,
  relays: Readonly<Record<string, Relay>>,
  target: number,
  work: (port: number) => Promise<number[]>,
): Promise<Contender[]> {
  return Promise.all(
    Object.entries(relays).map(async ([name, relay]) => {
      const port = await relay(lab, target);
      return { name, run: () => work(port) };
    }),
  );
}

export const coax: Relay = async (lab, target) => {
  const port = freePort();
  const ends = [`127.0.0.1:${port}`, `127.0.0.1:${target}`];
  await lab.start(lab.coax, ["relay", "-q", "-m", `${MOST}`, ...ends], port);
  return port;
};

/** Processes of coax that share a port. */
export function coaxes(processes: number): Relay {
  return async (lab, target) => {
    const port = freePort();
    const ends = [`127.0.0.1:${port}`, `127.0.0.1:${target}`];
    for (let n = 1; n <= processes; n++) {
      await lab.start(lab.coax, ["relay", "-q", "--reuse-port", ...ends], port, n);
    }
    return port;
  };
}

/** How long socat may wait for the answer to an EOF, seconds: with half a second, some get lost. */
const ANSWER_TIME = "10";

/** socat with a process for each connection, and blocks of `block` bytes instead of 8192. */
export function socat(block?: number): Relay {
  return async (lab, target) => {
    const port = freePort();
    const listen = `TCP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=${BACKLOG}`;
    const blocks = block === undefined ? [] : ["-b", `${block}`];
    await lab.start(
      "socat",
      ["-lf", "/dev/null", "-t", ANSWER_TIME, ...blocks, listen, `TCP4:127.0.0.1:${target}`],
      port,
    );
    return port;
  };
}

/** Lines of the global section, and words behind the address that is bound. */
interface HaproxyOptions {
  readonly global: readonly string[];
  readonly bind: string;
}

/** Starts haproxy, and resolves with its port. */
export async function startHaproxy(
  lab: Lab,
  target: number,
  { global, bind }: HaproxyOptions,
): Promise<number> {
  const port = freePort();
  const file = `${lab.folder}/haproxy-${port}.cfg`;
  await Deno.writeTextFile(
    file,
    `global
  ${global.join("\n  ")}
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port} ${bind}
  server target 127.0.0.1:${target}
`,
  );
  await lab.start("haproxy", ["-q", "-db", "-f", file], port);
  return port;
}

/** haproxy with this many threads. */
export function haproxies(threads: number): Relay {
  return (lab, target) =>
    startHaproxy(lab, target, {
      global: [`nbthread ${threads}`, `maxconn ${MOST}`],
      bind: `backlog ${BACKLOG}`,
    });
}

export const haproxy = haproxies(1);

/** Words behind the address that is listened on, and further directives of the server. */
interface NginxOptions {
  readonly listen: string;
  readonly directives?: readonly string[];
}

/** Starts nginx in one process as a relay, and resolves with its port. */
export async function startNginxStream(
  lab: Lab,
  target: number,
  { listen, directives = [] }: NginxOptions,
): Promise<number> {
  const port = freePort();
  await startNginx(
    lab,
    port,
    `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
stream {
  server {
    listen 127.0.0.1:${port} ${listen};
    proxy_pass 127.0.0.1:${target};
    tcp_nodelay on;
    ${directives.join("\n    ")}
  }
}
`,
  );
  return port;
}

export const nginx: Relay = (lab, target) =>
  startNginxStream(lab, target, { listen: `backlog=${BACKLOG}` });

/**
 * The shortest relay on the runtime, to tell Deno's cost from coax's: compiled, with blocks of
 * `block` bytes; with the paths of a certificate and its key, from TLS.
 */
export function bare(block = 1024, identity: readonly string[] = []): Relay {
  return async (lab, target) => {
    const port = freePort();
    const source = await Deno.readTextFile(new URL("bare_relay.ts", import.meta.url));
    const program = await compileModule(lab, "bare_relay", source, {
      net: true,
      read: [...identity],
    });
    await lab.start(program, [...[port, target, block].map(String), ...identity], port);
    return port;
  };
}

/** No relay: what client and server do alone. */
export const none: Relay = (_lab, target) => Promise.resolve(target);
