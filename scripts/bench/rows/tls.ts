/**
 * TLS: relays that terminate it, their throughput and connections with a full handshake, and
 * clients that receive.
 */
import { serveWeb } from "../ends/web.ts";
import type { Contender, Experiment } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { numberIn, outputOf } from "../program.ts";
import {
  BARE,
  bare,
  HAPROXY,
  NGINX,
  type Relay,
  startHaproxy,
  startNginxStream,
  through,
} from "../relays.ts";

interface Identity {
  readonly cert: string;
  readonly key: string;
  /** Certificate and key in one file, as haproxy wants them. */
  readonly both: string;
  readonly pem: string;
}

/** A self-signed certificate for 127.0.0.1, made by OpenSSL. */
async function identity(lab: Lab): Promise<Identity> {
  const [cert, key, both] = ["cert.pem", "key.pem", "both.pem"].map((n) => `${lab.folder}/${n}`);
  await outputOf("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-keyout", key!, "-out", cert!, "-days", "1", "-subj", "/CN=bench"],
    ...["-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  ]);
  const pem = await Deno.readTextFile(cert!);
  await Deno.writeTextFile(both!, pem + await Deno.readTextFile(key!));
  return { cert: cert!, key: key!, both: both!, pem };
}

/** Starts a relay from TLS to `target` on 127.0.0.1, and resolves with its port. */
type TlsRelay = (lab: Lab, target: number, identity: Identity) => Promise<number>;

const coax: TlsRelay = async (lab, target, { cert, key }) => {
  const port = freePort();
  const from = `tls://127.0.0.1:${port}`;
  const args = ["relay", "-q", from, `127.0.0.1:${target}`, "--cert", cert, "--key", key];
  await lab.start(lab.coax, args, port);
  return port;
};

const haproxy: TlsRelay = (lab, target, { both }) =>
  startHaproxy(lab, target, {
    global: ["nbthread 1", "ssl-default-bind-options ssl-min-ver TLSv1.3"],
    bind: `ssl crt ${both}`,
  });

const nginx: TlsRelay = (lab, target, { cert, key }) =>
  startNginxStream(lab, target, {
    listen: "ssl",
    directives: [
      `ssl_certificate ${cert};`,
      `ssl_certificate_key ${key};`,
      "ssl_protocols TLSv1.3;",
      "proxy_half_close on;",
    ],
  });

/** As large as a record's content may be, which is what a read yields (RFC 8446 §5.1). */
const RECORD = 16_384;

const RELAYS: Readonly<Record<string, TlsRelay>> = {
  coax,
  [HAPROXY]: haproxy,
  [NGINX]: nginx,
  [BARE]: (lab, target, { cert, key }) => bare(RECORD, [cert, key])(lab, target),
};

/** The relays, all with the same certificate. */
function relaysWith(own: Identity): Record<string, Relay> {
  const relays = Object.entries(RELAYS).map(([name, relay]): [string, Relay] => {
    return [name, (lab, target) => relay(lab, target, own)];
  });
  return Object.fromEntries(relays);
}

const throughput: Experiment = {
  rows: [{
    name: "relay, TLS in front, one connection",
    unit: "MB/s",
    better: "more",
    bars: { [HAPROXY]: 1 },
  }],
  about: "A client in Deno sends over TLS 1.3 as fast as it can, until the server at the other " +
    "side of the relay, which terminates it, has counted every byte and said so.",
  bound: "the cipher: the client encrypts and the relay decrypts each byte, besides the copies.",
  async setUp(lab) {
    const own = await identity(lab);
    const endpoints = await lab.endpoints();
    const bytes = lab.quick ? 128e6 : 512e6;
    const job = { job: "stream", bytes, connections: 1, ca: own.pem } as const;
    const work = (port: number) => endpoints.run({ ...job, port });
    return through(lab, relaysWith(own), endpoints.ports.sink, work);
  },
};

/** Clients at once, each of which has one connection after the other. */
const CLIENTS = 4;

/** Connections a second of clients that make a full handshake each time, and ask once. */
async function handshakes(port: number, seconds: number): Promise<number[]> {
  const rates = await Promise.all(Array.from({ length: CLIENTS }, async () => {
    const start = performance.now();
    const options = ["-new", "-www", "/", "-time", `${seconds}`];
    const said = await outputOf("openssl", ["s_time", "-connect", `127.0.0.1:${port}`, ...options]);
    return numberIn(said, /^(\d+) connections in \d+ real/m) / (performance.now() - start) * 1000;
  }));
  return [rates.reduce((sum, rate) => sum + rate)];
}

const handshake: Experiment = {
  rows: [{
    name: "relay, TLS in front, full handshakes",
    unit: "/s",
    better: "more",
    bars: { [HAPROXY]: 0.9 },
  }],
  about: `${CLIENTS} \`openssl s_time -new\` at once connect by TLS 1.3 (P-256), ask an nginx ` +
    "behind the relay and read to the end, again and again. None resumes a session; each relay " +
    "hands out tickets for it, as it does by default.",
  bound: "the signatures and key exchanges, on cores that the clients need for them, too.",
  async setUp(lab) {
    const own = await identity(lab);
    const seconds = lab.quick ? 1 : 2;
    const work = (port: number) => handshakes(port, seconds);
    return through(lab, relaysWith(own), await serveWeb(lab), work);
  },
};

/** Serves `bytes` zeros over TLS to each that connects. Resolves with the port. */
async function serveZeros(lab: Lab, own: Identity, bytes: number): Promise<number> {
  const port = freePort();
  const address = `TCP4-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`;
  await lab.start("socat", ["-u", `OPEN:/dev/zero,readbytes=${bytes}`, address], port);
  return await nginx(lab, port, own);
}

/** Receives everything, and resolves with megabytes a second from start to exit. */
function receiving(bytes: number, name: string, command: readonly string[]): Contender {
  return {
    name,
    async run() {
      const start = performance.now();
      const arrived = Number(await outputOf("sh", ["-c", '"$@" | wc -c', "sh", ...command]));
      if (arrived !== bytes) throw new Error(`${name}: ${arrived} of ${bytes} bytes arrived`);
      return [bytes / 1e3 / (performance.now() - start)];
    },
  };
}

const client: Experiment = {
  rows: [{
    name: "client over TLS to a pipe, start-up included",
    unit: "MB/s",
    better: "more",
    bars: { socat: 0.9, ncat: 0.9 },
  }],
  about: "An nginx sends 600 MB over TLS 1.3 (150 MB in a quick look) to a client whose stdout " +
    "is a pipe to `wc -c`, which has to count every byte. Timed from start to exit.",
  bound: "the cipher at both ends, and `wc`. TLS yields 16 KiB a read, and a write takes long " +
    "whatever its length: what arrives during one is the next.",
  async setUp(lab) {
    const own = await identity(lab);
    const bytes = lab.quick ? 150e6 : 600e6;
    const port = await serveZeros(lab, own, bytes);
    const peer = `127.0.0.1:${port}`;
    return [
      receiving(bytes, "coax", [
        ...[lab.coax, "client", "-q", "--recv-only"],
        ...["--ca", own.cert, `tls://${peer}`],
      ]),
      receiving(bytes, "socat", ["socat", "-u", `OPENSSL:${peer},cafile=${own.cert}`, "-"]),
      receiving(bytes, "ncat", ["ncat", "--ssl", "--recv-only", "127.0.0.1", `${port}`]),
    ];
  },
};

export const tls: readonly Experiment[] = [throughput, handshake, client];
