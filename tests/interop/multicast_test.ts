/** socat and a script of Python in a multicast group with coax. */
import { assertEquals } from "@std/assert";
import { Coax, PIPE } from "../e2e/coax.ts";
import { unusedUdpPort } from "../support/ports.ts";
import { available, testWith } from "./peer_program.ts";

const GROUP = "239.255.67.90";
const socat = { name: "socat", available: available("socat", ["-V"], /socat version/) };
const python = { name: "python3", available: available("python3", ["--version"], /Python 3/) };

/** Answers each datagram to the group with its text in capitals, from a port of its own. */
const ANSWERS = `
import socket, struct, sys
group, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((group, port))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton("127.0.0.1"))
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print("ready", flush=True)
while True:
    data, peer = s.recvfrom(65536)
    out.sendto(data.upper(), peer)
`;

testWith(python, "a client of coax hears Python, which answers from another port", async () => {
  const port = unusedUdpPort();
  const words = ["python3", "-c", ANSWERS, GROUP, `${port}`];
  await using peer = Coax.spawn(words);
  await peer.prints(/ready/);
  const args = ["client", "--bind", "127.0.0.1", `udp://${GROUP}:${port}`];
  await using client = Coax.start(args, { stdin: "hello\n" });
  const { status, out, stderr } = await client.exit();
  assertEquals([status, out], [0, "HELLO\n"], stderr);
});

testWith(socat, "coax server takes what socat sends to the group, and answers it", async () => {
  await using server = Coax.start(["server", `udp://${GROUP}:0`], { stdin: PIPE });
  const port = (await server.address()).split(":").at(-1);
  const words = ["socat", "-", `UDP4-DATAGRAM:${GROUP}:${port},bind=127.0.0.1:0`];
  await using client = Coax.spawn(words, { stdin: PIPE });
  await client.write("question\n");
  await server.prints(/^question\n$/);
  await server.write("answer\n");
  await client.prints(/^answer\n$/);
});

testWith(socat, "socat that has joined a group gets what coax sends there", async () => {
  const port = unusedUdpPort();
  const membership = `ip-add-membership=${GROUP}:127.0.0.1`;
  const words = ["socat", "-u", `UDP4-RECV:${port},bind=${GROUP},${membership},reuseaddr`, "-"];
  await using peer = Coax.spawn(words);
  const args = ["client", "--bind", "127.0.0.1", `udp://${GROUP}:${port}`];
  await using client = Coax.start(args, { stdin: PIPE });
  while (!peer.out.startsWith("hello\n")) { // It may not have joined yet.
    await client.write("hello\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
