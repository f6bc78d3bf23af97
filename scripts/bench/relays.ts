/** The relays that are compared: each relays a port of its own to `target`, on 127.0.0.1. */
import { freePort, type Lab } from "./lab.ts";

/** Starts a relay and resolves with its port. */
export type Relay = (lab: Lab, target: number) => Promise<number>;

export const coax: Relay = async (lab, target) => {
  const port = freePort();
  await lab.start(lab.coax, ["relay", "-q", `127.0.0.1:${port}`, `127.0.0.1:${target}`], port);
  return port;
};

/** socat with a process for each connection, and blocks of `block` bytes instead of 8192. */
export function socat(block?: number): Relay {
  return async (lab, target) => {
    const port = freePort();
    const listen = `TCP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=1024`;
    const blocks = block === undefined ? [] : ["-b", `${block}`];
    await lab.start("socat", [...blocks, listen, `TCP4:127.0.0.1:${target}`], port);
    return port;
  };
}

export const haproxy: Relay = async (lab, target) => {
  const port = freePort();
  const file = `${lab.folder}/haproxy-${port}.cfg`;
  await Deno.writeTextFile(
    file,
    `global
  nbthread 1
  maxconn 8000
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port}
  server target 127.0.0.1:${target}
`,
  );
  await lab.start("haproxy", ["-q", "-db", "-f", file], port);
  return port;
};

/** The shortest relay on the runtime, to tell Deno's cost from coax's. */
export const bare: Relay = async (lab, target) => {
  const port = freePort();
  const module = new URL("bare_relay.ts", import.meta.url).href;
  const options = ["--quiet", "--no-config", "--no-lock", "--allow-net"];
  await lab.start(Deno.execPath(), ["run", ...options, module, `${port}`, `${target}`], port);
  return port;
};

/** No relay: the rate of client and server alone. */
export const none: Relay = (_lab, target) => Promise.resolve(target);
