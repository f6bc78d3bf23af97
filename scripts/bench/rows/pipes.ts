/** A client that reads from a pipe, and a server that writes to one. */
import type { Contender, Experiment } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";

const BLOCK = 65_536;

/** Runs a shell line: its `$0` is `count`, its `$@` the measured program. Returns stdout. */
async function pipeline(
  line: string,
  count: number,
  command: readonly string[],
): Promise<Uint8Array> {
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", line, String(count), ...command],
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${command.join(" ")} failed`);
  return stdout;
}

/** Pipes bytes into a client, which exits when the sink has sent the count. */
function uploading(blocks: number, name: string, command: string[]): Contender {
  return {
    name,
    async run() {
      const start = performance.now();
      const line = `dd if=/dev/zero bs=${BLOCK} count="$0" status=none | "$@"`;
      const answer = await pipeline(line, blocks, [...command]);
      const seconds = (performance.now() - start) / 1000;
      const arrived = Number(new DataView(answer.buffer).getBigUint64(0));
      if (arrived !== blocks * BLOCK) throw new Error(`${name}: ${arrived} bytes arrived`);
      return [arrived / 1e6 / seconds];
    },
  };
}

const client: Experiment = {
  rows: [{
    name: "client from a pipe, start-up included",
    unit: "MB/s",
    better: "more",
    bars: { socat: 1, ncat: 1 },
  }],
  about: "`dd` writes 600 MB into a pipe (150 MB in a quick look), the client sends them to a " +
    "server that counts them and says how many they were. Timed from start to exit.",
  bound: "reading a pipe, which the runtime does on another thread; coax makes one that carries " +
    "much 1 MiB large, which halves the time.",
  async setUp(lab) {
    const { ports: { sink } } = await lab.endpoints();
    const blocks = Math.floor((lab.quick ? 150e6 : 600e6) / BLOCK);
    const contender = (name: string, ...command: string[]) => uploading(blocks, name, command);
    return [
      contender("coax", lab.coax, "client", "-q", `127.0.0.1:${sink}`),
      contender("socat", "socat", "-t", "10", "-", `TCP4:127.0.0.1:${sink}`),
      contender("ncat", "ncat", "127.0.0.1", `${sink}`),
    ];
  },
};

/** Starts a server whose stdout is a pipe to `wc`, and sends bytes to it. */
function downloading(
  lab: Lab,
  bytes: number,
  name: string,
  command: (port: number) => string[],
): Contender {
  return {
    name,
    async run() {
      const endpoints = await lab.endpoints();
      const port = freePort();
      const counting = pipeline('"$@" | wc -c', 0, command(port));
      const values = await endpoints.run({ job: "send", port, bytes });
      const arrived = Number(new TextDecoder().decode(await counting));
      if (arrived !== bytes) throw new Error(`${name}: ${arrived} of ${bytes} bytes arrived`);
      return values;
    },
  };
}

const server: Experiment = {
  rows: [{
    name: "server to a pipe",
    unit: "MB/s",
    better: "more",
    bars: { socat: 1.5, ncat: 1.1 },
  }],
  about: "A client sends 600 MB (150 MB in a quick look) to a server whose stdout is a pipe to " +
    "`wc -c`, which has to count every byte. Timed from the connection to the server's end.",
  bound:
    "writing a pipe, which the runtime does on another thread, and `wc`, which has to keep up.",
  setUp(lab) {
    const bytes = lab.quick ? 150e6 : 600e6;
    return Promise.resolve([
      downloading(
        lab,
        bytes,
        "coax",
        (port) => [lab.coax, "server", "-q", "--recv-only", `127.0.0.1:${port}`],
      ),
      downloading(
        lab,
        bytes,
        "socat",
        (port) => ["socat", "-u", `TCP4-LISTEN:${port},bind=127.0.0.1,reuseaddr`, "-"],
      ),
      downloading(
        lab,
        bytes,
        "ncat",
        (port) => ["ncat", "-l", "--recv-only", "127.0.0.1", `${port}`],
      ),
    ]);
  },
};

export const pipes: readonly Experiment[] = [client, server];
