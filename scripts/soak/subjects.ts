/** The coax processes under test: an echo on every transport, and relays in front of it. */
import { Coax, temporary } from "../../tests/e2e/coax.ts";
import { authority } from "../../tests/support/certificates.ts";

export interface Subjects extends AsyncDisposable {
  /** Processes by name, for the report. */
  readonly processes: ReadonlyMap<string, Coax>;
  /** Addresses at which bytes or messages come back. */
  readonly addresses: readonly string[];
  /** PEM of the authority that issued the TLS address's certificate. */
  readonly ca: string;
}

/** Idle timeout of UDP sessions, after which a relay's sockets must be closed, milliseconds. */
const UDP_SILENCE = 1_000;

/** Starts all subjects and waits until they listen. */
export async function startSubjects(): Promise<Subjects> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporary());
  const issuer = await authority();
  const { cert, key } = await issuer.issue();
  await Deno.writeTextFile(`${path}/cert`, cert);
  await Deno.writeTextFile(`${path}/key`, key);
  const processes = new Map<string, Coax>();
  const start = async (name: string, ...args: string[]) => {
    const coax = stack.use(Coax.start(args));
    processes.set(name, coax);
    return await coax.listening(args[0] === "echo" ? 5 : 1);
  };

  const bounds = ["-m", "4096", "--handshake-timeout", "2s"];
  const tls = ["--cert", `${path}/cert`, "--key", `${path}/key`];
  const echoes = ["127.0.0.1:0", `unix:${path}/echo`, "tls://127.0.0.1:0", "ws://127.0.0.1:0"];
  const echo = await start("echo", "echo", ...echoes, "udp://127.0.0.1:0", ...tls, ...bounds);
  const [tcp, unix, , , udp] = echo;
  const silence = ["--idle-timeout", `${UDP_SILENCE}ms`];
  const relays = [
    ...await start("relay tcp", "relay", "127.0.0.1:0", unix!, ...bounds),
    ...await start("relay ws", "relay", "ws://127.0.0.1:0", tcp!, "--binary", ...bounds),
    ...await start("relay udp", "relay", "udp://127.0.0.1:0", udp!, ...silence),
  ];
  const held = stack.move();
  return {
    processes,
    addresses: [...echo, ...relays],
    ca: issuer.pem,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
