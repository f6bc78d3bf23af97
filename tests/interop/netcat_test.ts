/** nc, ncat and socat, each as the client and as the server of coax: 8 MiB each way. */
import { assertEquals } from "@std/assert";
import { Coax, PIPE, temporary } from "../e2e/coax.ts";
import { LARGE, randomBytes, sha256, unusedPort } from "../e2e/peers.ts";
import { available, testWith } from "./peer_program.ts";

interface Program {
  name: string;
  available: boolean;
  /** Connects, sends stdin and then FIN, prints the answer until EOF. */
  connect(host: string, port: number): string[];
  /** The same with one connection that it accepts. */
  listen(host: string, port: number): string[];
  connectUnix(path: string): string[];
  listenUnix(path: string): string[];
  /** The same at an abstract name; ncat takes none. */
  connectAbstract?(name: string): string[];
  listenAbstract?(name: string): string[];
}

const programs: Program[] = [
  {
    name: "nc (OpenBSD)",
    available: available("nc", ["-h"], /OpenBSD/),
    connect: (host, port) => ["nc", "-N", host, `${port}`],
    listen: (host, port) => ["nc", "-N", "-l", host, `${port}`],
    connectUnix: (path) => ["nc", "-N", "-U", path],
    listenUnix: (path) => ["nc", "-N", "-l", "-U", path],
    connectAbstract: (name) => ["nc", "-N", "-U", `@${name}`],
    listenAbstract: (name) => ["nc", "-N", "-l", "-U", `@${name}`],
  },
  {
    name: "ncat",
    available: available("ncat", ["--version"], /Ncat/),
    connect: (host, port) => ["ncat", host, `${port}`],
    listen: (host, port) => ["ncat", "-l", host, `${port}`],
    connectUnix: (path) => ["ncat", "-U", path],
    listenUnix: (path) => ["ncat", "-l", "-U", path],
  },
  {
    name: "socat",
    available: available("socat", ["-V"], /socat version/),
    connect: (host, port) => ["socat", "-t30", "-", `TCP:${bracket(host)}:${port}`],
    listen: (host, port) => [
      "socat",
      "-t30",
      "-",
      host.includes(":") ? `TCP6-LISTEN:${port},bind=[${host}]` : `TCP-LISTEN:${port},bind=${host}`,
    ],
    connectUnix: (path) => ["socat", "-t30", "-", `UNIX-CONNECT:${path}`],
    listenUnix: (path) => ["socat", "-t30", "-", `UNIX-LISTEN:${path}`],
    connectAbstract: (name) => ["socat", "-t30", "-", `ABSTRACT-CONNECT:${name}`],
    listenAbstract: (name) => ["socat", "-t30", "-", `ABSTRACT-LISTEN:${name}`],
  },
];

function bracket(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * Both sides send 8 MiB at the same time, and each gets exactly what the other sent. coax is the
 * last to send FIN: nc and ncat stop sending when they receive one.
 */
async function exchange(coax: Coax, program: Coax, sent: Uint8Array): Promise<void> {
  const payload = randomBytes(LARGE);
  await Promise.all([coax.write(payload), coax.printsBytes(LARGE)]);
  await coax.end();
  const [ours, theirs] = await Promise.all([coax.exit(), program.exit()]);
  assertEquals([ours.status, theirs.status], [0, 0], ours.stderr + theirs.stderr);
  assertEquals(await sha256(theirs.stdout), await sha256(payload));
  assertEquals(await sha256(ours.stdout), await sha256(sent));
}

/** coax connects once the other program listens. */
const RETRY = ["--retry", "forever", "--retry-delay", "20ms"];

for (const program of programs) {
  for (const host of ["127.0.0.1", "::1"]) {
    testWith(program, `${program.name} as a client of coax server over ${host}`, async () => {
      await using server = Coax.start(["server", `${bracket(host)}:0`], { stdin: PIPE });
      const port = portOf(await server.address());
      const payload = randomBytes(LARGE);
      await using client = Coax.spawn(program.connect(host, port), { stdin: payload });
      await exchange(server, client, payload);
    });

    testWith(program, `${program.name} as a server of coax client over ${host}`, async () => {
      const port = unusedPort();
      const payload = randomBytes(LARGE);
      await using server = Coax.spawn(program.listen(host, port), { stdin: payload });
      const address = `${bracket(host)}:${port}`;
      await using client = Coax.start(["client", ...RETRY, address], { stdin: PIPE });
      await exchange(client, server, payload);
    });
  }

  testWith(program, `${program.name} as a client of coax server over a Unix socket`, async () => {
    await using temp = await temporary();
    const path = `${temp.path}/s`;
    await using server = Coax.start(["server", `unix:${path}`], { stdin: PIPE });
    await server.address();
    const payload = randomBytes(LARGE);
    await using client = Coax.spawn(program.connectUnix(path), { stdin: payload });
    await exchange(server, client, payload);
  });

  testWith(program, `${program.name} as a server of coax client over a Unix socket`, async () => {
    await using temp = await temporary();
    const path = `${temp.path}/s`;
    const payload = randomBytes(LARGE);
    await using server = Coax.spawn(program.listenUnix(path), { stdin: payload });
    await using client = Coax.start(["client", ...RETRY, `unix:${path}`], { stdin: PIPE });
    await exchange(client, server, payload);
  });

  const { connectAbstract, listenAbstract } = program;
  if (connectAbstract && listenAbstract) {
    testWith(program, `${program.name} as a client at an abstract name`, async () => {
      const name = `coax-${crypto.randomUUID()}`;
      await using server = Coax.start(["server", `unix:@${name}`], { stdin: PIPE });
      await server.address();
      const payload = randomBytes(LARGE);
      await using client = Coax.spawn(connectAbstract(name), { stdin: payload });
      await exchange(server, client, payload);
    });

    testWith(program, `${program.name} as a server at an abstract name`, async () => {
      const name = `coax-${crypto.randomUUID()}`;
      const payload = randomBytes(LARGE);
      await using server = Coax.spawn(listenAbstract(name), { stdin: payload });
      await using client = Coax.start(["client", ...RETRY, `unix:@${name}`], { stdin: PIPE });
      await exchange(client, server, payload);
    });
  }

  testWith(program, `${program.name} as the target of coax relay`, async () => {
    const port = unusedPort();
    const payload = randomBytes(LARGE);
    await using server = Coax.spawn(program.listen("127.0.0.1", port), { stdin: payload });
    await using relay = Coax.start(["relay", ...RETRY, "0", `127.0.0.1:${port}`]);
    await using client = Coax.start(["client", await relay.address()], { stdin: PIPE });
    await exchange(client, server, payload);
  });

  testWith(program, `${program.name} as a client of coax relay and of coax echo`, async () => {
    await using echo = Coax.start(["echo", "0"]);
    await using relay = Coax.start(["relay", "0", await echo.address()]);
    const port = portOf(await relay.address());
    const payload = randomBytes(LARGE);
    await using client = Coax.spawn(program.connect("127.0.0.1", port), { stdin: payload });
    const exit = await client.exit();
    assertEquals(await sha256(exit.stdout), await sha256(payload));
  });
}

function portOf(address: string): number {
  return Number(address.split(":").at(-1));
}
