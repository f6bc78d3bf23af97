/** The visits: an exchange whose bytes must all come back, or harm that must not affect others. */
import { parseAddress } from "../../src/address/address.ts";
import { concat } from "../../src/core/bytes.ts";
import type { Channel, Duplex } from "../../src/core/duplex.ts";
import { dial } from "../../src/transports/mod.ts";
import { cutAt, flood, garbage, hitAndRun, intrude, resets } from "../../tests/support/chaos.ts";
import { encode } from "../../tests/support/connections.ts";
import { DIALING } from "../../tests/support/options.ts";
import { below, chop, type Generator, pick, randomBytes } from "../../tests/support/random.ts";
import { soon } from "../../tests/support/wait.ts";
import { UPGRADE } from "../../tests/support/websocket.ts";
import type { Subjects } from "./subjects.ts";

/** Time for an exchange, milliseconds: processes are stopped now and then. */
const DEADLINE = 20_000;
/** The largest datagram, bytes: larger ones take several packets, any of which may get lost. */
const LARGEST_DATAGRAM = 8 * 1024;
const SIZES = [0, 1, 100, 10_000, 1_000_000] as const;

/** Bytes that all exchanges sent, and received back. */
export interface Account {
  sent: number;
  received: number;
}

/** Sends bytes to one of the addresses and rejects unless the same come back. */
export async function exchange(
  { addresses, ca }: Subjects,
  random: Generator,
  account: Account,
): Promise<void> {
  const address = pick(random, addresses);
  const dialed = dial(parseAddress(address), { ...DIALING, tls: { ca: [ca] } });
  const connection = await soon(dialed, `${address} to answer`, DEADLINE);
  try {
    const work = connection.framing === "stream"
      ? streamed(connection, random, account)
      : messages(connection, random, address.startsWith("udp:"), account);
    await soon(work, `all of an exchange with ${address}`, DEADLINE);
  } finally {
    connection.close();
    await connection.closed.catch(() => {}); // The exchange has reported any loss.
  }
}

async function streamed(connection: Duplex, random: Generator, account: Account): Promise<void> {
  const bytes = randomBytes(pick(random, SIZES));
  const sending = (async () => {
    const longest = Math.max(1, bytes.length >> below(random, 8));
    for (const piece of chop(random, bytes, longest)) {
      await connection.write(piece);
      account.sent += piece.length;
    }
    await connection.closeWrite();
  })();
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(pick(random, [100, 4096, 65_536]));
  const reading = (async () => {
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      parts.push(buffer.slice(0, n));
      account.received += n;
    }
  })();
  await Promise.all([sending, reading]);
  assertSame(concat(parts), bytes, connection.peer);
}

/** Exchanges one message at a time: UDP drops those that find a queue full. */
async function messages(
  connection: Channel,
  random: Generator,
  isUdp: boolean,
  account: Account,
): Promise<void> {
  for (let count = 1 + below(random, 20); count > 0; count--) {
    const size = isUdp ? 1 + below(random, LARGEST_DATAGRAM) : 1 + below(random, 100_000);
    const data = randomBytes(size);
    await connection.send({ data });
    account.sent += size;
    const parts: Uint8Array[] = [];
    // A relay to a stream keeps no boundaries: a message may come back in several.
    for (let got = 0; got < size;) {
      const part = await connection.receive();
      if (part === null) throw new Error(`${connection.peer} ended after ${got} of ${size} bytes`);
      parts.push(part.data);
      got += part.data.length;
      account.received += part.data.length;
    }
    assertSame(concat(parts), data, connection.peer);
  }
}

function assertSame(received: Uint8Array, sent: Uint8Array, peer: string): void {
  const at = sent.findIndex((byte, index) => byte !== received[index]);
  if (at < 0 && received.length === sent.length) return;
  throw new Error(`${peer}: ${received.length} of ${sent.length} bytes, different at ${at}`);
}

/** Does one random kind of harm to a random TCP address, and returns the kind. */
export async function harm({ addresses }: Subjects, random: Generator): Promise<string> {
  const tcp = addresses.filter((address) => !/^(unix|udp):/.test(address));
  const address = pick(random, tcp);
  const kind = pick(random, Object.keys(HARMS) as (keyof typeof HARMS)[]);
  const [plain] = tcp;
  await HARMS[kind](kind === "reset" ? plain! : address, random);
  return kind;
}

const HARMS = {
  reset: (address: string) => resets(address, 10),
  garbage: (address: string, random: Generator) => hitAndRun(address, garbage(random, 5_000)),
  cut: (address: string, random: Generator) =>
    cutAt(address, encode(UPGRADE), below(random, UPGRADE.length)),
  gone: (address: string) => hitAndRun(address, new Uint8Array(100_000)),
  /** Sends without reading, and closes while the answer is blocked. */
  stuck: (address: string, random: Generator) => flood(address, 2, 100 + below(random, 400)),
  async stall(address: string, random: Generator) {
    using _conn = await intrude(address);
    await new Promise((resolve) => setTimeout(resolve, below(random, 1_000)));
  },
};
