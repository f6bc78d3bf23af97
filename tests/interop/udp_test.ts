/** socat and ncat over UDP, each as the client and as the server of coax. */
import { assertEquals } from "@std/assert";
import { Coax, PIPE } from "../e2e/coax.ts";
import { unusedUdpPort } from "../support/ports.ts";
import { available, testWith } from "./peer_program.ts";

interface Program {
  name: string;
  available: boolean;
  /** Sends stdin, prints the answers. */
  connect(port: number): string[];
  /** The same with the first peer that it receives from. */
  listen(port: number): string[];
}

const programs: Program[] = [
  {
    name: "socat",
    available: available("socat", ["-V"], /socat version/),
    connect: (port) => ["socat", "-", `UDP4:127.0.0.1:${port}`],
    listen: (port) => ["socat", "-", `UDP4-LISTEN:${port},bind=127.0.0.1`],
  },
  {
    name: "ncat",
    available: available("ncat", ["--version"], /Ncat/),
    connect: (port) => ["ncat", "-u", "127.0.0.1", `${port}`],
    listen: (port) => ["ncat", "-u", "-l", "127.0.0.1", `${port}`],
  },
];

const portOf = (address: string) => Number(address.split(":").at(-1));

/** Sends `line` until it is received: datagrams to a server that isn't up yet are lost. */
async function sendUntilReceived(client: Coax, server: Coax, line: string): Promise<void> {
  let received = false;
  const receiving = server.prints(new RegExp(line)).finally(() => received = true);
  while (!received) {
    await client.write(line + "\n");
    await Promise.race([receiving, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  await receiving;
}

for (const program of programs) {
  testWith(
    program,
    `${program.name} as a UDP client of coax echo, also through relay`,
    async () => {
      await using echo = Coax.start(["echo", "udp://0"]);
      await using relay = Coax.start(["relay", "udp://0", await echo.address()]);
      for (const address of [await echo.address(), await relay.address()]) {
        await using client = Coax.spawn(program.connect(portOf(address)), { stdin: PIPE });
        for (const line of ["one\n", "two\n"]) {
          await client.write(line);
          await client.prints(new RegExp(line));
        }
        assertEquals(client.out, "one\ntwo\n");
      }
    },
  );

  testWith(program, `${program.name} as a UDP client of coax server`, async () => {
    await using server = Coax.start(["server", "udp://0"], { stdin: PIPE });
    const port = portOf(await server.address());
    await using client = Coax.spawn(program.connect(port), { stdin: PIPE });
    await client.write("question\n");
    await server.prints(/^question\n$/);
    await server.write("answer\n");
    await client.prints(/^answer\n$/);
  });

  testWith(program, `${program.name} as a UDP server of coax client`, async () => {
    const port = unusedUdpPort();
    await using server = Coax.spawn(program.listen(port), { stdin: PIPE });
    await using client = Coax.start(["client", `udp://127.0.0.1:${port}`], { stdin: PIPE });
    await sendUntilReceived(client, server, "question");
    await server.write("answer\n");
    await client.prints(/^answer\n$/);
    await client.end();
    assertEquals((await client.exit()).status, 0);
  });
}
