/** Protocols over TCP: a relay that terminates TLS, one for WebSocket clients, a chat room. */
import type { Contender, Experiment } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { HAPROXY } from "../relays.ts";

interface Identity {
  /** Certificate and key in one file, as haproxy wants them. */
  readonly both: string;
  readonly cert: string;
  readonly key: string;
  readonly pem: string;
}

/** A self-signed certificate for 127.0.0.1, made by OpenSSL. */
async function identity(lab: Lab): Promise<Identity> {
  const [cert, key, both] = ["cert.pem", "key.pem", "both.pem"].map((n) => `${lab.folder}/${n}`);
  const { success } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", key!, "-out", cert!, "-days", "1", "-subj", "/CN=bench"],
      ...[
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
      ],
    ],
    stderr: "null",
  }).output();
  if (!success) throw new Error("openssl made no certificate");
  const pem = await Deno.readTextFile(cert!);
  await Deno.writeTextFile(both!, pem + await Deno.readTextFile(key!));
  return { both: both!, cert: cert!, key: key!, pem };
}

async function coaxTls(lab: Lab, target: number, { cert, key }: Identity): Promise<number> {
  const port = freePort();
  const from = `tls://127.0.0.1:${port}`;
  const args = ["relay", "-q", from, `127.0.0.1:${target}`, "--cert", cert, "--key", key];
  await lab.start(lab.coax, args, port);
  return port;
}

async function haproxyTls(lab: Lab, target: number, { both }: Identity): Promise<number> {
  const port = freePort();
  const file = `${lab.folder}/haproxy-tls.cfg`;
  await Deno.writeTextFile(
    file,
    `global
  nbthread 1
  ssl-default-bind-options ssl-min-ver TLSv1.3
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen relay
  bind 127.0.0.1:${port} ssl crt ${both}
  server target 127.0.0.1:${target}
`,
  );
  await lab.start("haproxy", ["-q", "-db", "-f", file], port);
  return port;
}

const tls: Experiment = {
  rows: [{
    name: "relay, TLS in front, one connection",
    unit: "MB/s",
    better: "more",
    bars: { [HAPROXY]: 1 },
  }],
  about: "As with one TCP connection, but the client speaks TLS 1.3 and the relay terminates it.",
  bound: "the cipher: the client encrypts and the relay decrypts each byte, besides the copies.",
  async setUp(lab) {
    const own = await identity(lab);
    const endpoints = await lab.endpoints();
    const ports = {
      "coax": await coaxTls(lab, endpoints.ports.sink, own),
      [HAPROXY]: await haproxyTls(lab, endpoints.ports.sink, own),
    };
    const bytes = lab.quick ? 128e6 : 512e6;
    return Object.entries(ports).map(([name, port]): Contender => ({
      name,
      run: () => endpoints.run({ job: "stream", port, bytes, connections: 1, ca: own.pem }),
    }));
  },
};

const webSocket: Experiment = {
  rows: [{
    name: "relay, WebSocket to TCP, 64 KiB messages",
    unit: "MB/s",
    better: "more",
    bars: { "websockify": 1.5 },
  }],
  about:
    "A WebSocket client sends messages of 64 KiB as fast as it can, until the TCP server at the " +
    "other side of the relay has counted every byte and said so.",
  bound: "the masks: client and relay go over each byte once more, in JavaScript.",
  async setUp(lab) {
    const endpoints = await lab.endpoints();
    const target = `127.0.0.1:${endpoints.ports.counter}`;
    const [ours, theirs] = [freePort(), freePort()];
    await lab.start(lab.coax, ["relay", "-q", `ws://127.0.0.1:${ours}`, target], ours);
    await lab.start("websockify", [`127.0.0.1:${theirs}`, target], theirs);
    const bytes = lab.quick ? 64e6 : 256e6;
    return Object.entries({ "coax": ours, "websockify": theirs }).map(([name, port]) => ({
      name,
      run: () => endpoints.run({ job: "messages", port, bytes, size: 64 * 1024 }),
    }));
  },
};

/** A chat room with a flood of lines, or with one line at a time. */
function chat(flood: boolean): Experiment {
  const lines = (quick: boolean) => flood ? (quick ? 4000 : 20_000) : (quick ? 10 : 40);
  return {
    rows: [{
      name: `chat, 100 members, lines ${flood ? "in a flood" : "one by one"}`,
      unit: "/s",
      better: "more",
      bars: { "ncat --broker": 2 },
    }],
    about: "10 of 100 members speak, " +
      (flood
        ? "all they have to say at once, and all others must hear every line. A broker passes " +
          "pieces of many lines on as they come; a room takes each line apart and names its speaker."
        : "each a line, and the next when everyone has heard the last."),
    bound: flood
      ? "taking lines apart and putting them together, and writing them to each member."
      : "the writes, one for each member and line.",
    async setUp(lab) {
      const endpoints = await lab.endpoints();
      const [ours, theirs] = [freePort(), freePort()];
      await lab.start(lab.coax, ["chat", "-q", `127.0.0.1:${ours}`, "--history", "0"], ours);
      const broker = ["--broker", "-l", "127.0.0.1", `${theirs}`, "--max-conns", "500"];
      await lab.start("ncat", broker, theirs);
      const job = {
        job: "chat",
        members: 100,
        speakers: 10,
        lines: lines(lab.quick),
        flood,
      } as const;
      return Object.entries({ "coax": ours, "ncat --broker": theirs }).map(([name, port]) => ({
        name,
        run: () => endpoints.run({ ...job, port }),
      }));
    },
  };
}

export const layers: readonly Experiment[] = [tls, webSocket, chat(false), chat(true)];
