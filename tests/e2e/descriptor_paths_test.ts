/** Paths that name our own descriptors, which the runtime keeps programs away from. */
import { assertEquals } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { run, temporary } from "./coax.ts";

const RECORDING = [
  { t: 0, id: 1, event: "open", peer: "tcp://127.0.0.1:1" },
  { t: 0.1, id: 1, event: "data", dir: "in", text: "x" },
  { t: 0.2, id: 1, event: "close" },
].map((event) => JSON.stringify(event) + "\n").join("");

/** By status: the command lines, whose `PATH` is the descriptor and `RECORDING` a file. */
const LINES: readonly [status: number, line: string][] = [
  [10, "echo 127.0.0.1:0 --ready-file PATH"],
  [10, "server 127.0.0.1:0 --ready-file PATH"],
  [10, "relay 127.0.0.1:0 9 --ready-file PATH"],
  [10, "relay 127.0.0.1:0 9 --control 127.0.0.1:0 --ready-file PATH"],
  [10, "control 127.0.0.1:0 --ready-file PATH"],
  [10, "echo 127.0.0.1:0 --record PATH"],
  [10, "echo 127.0.0.1:0 --record PATH --force"],
  [10, "chat 127.0.0.1:0 --history-file PATH"],
  [10, "replay RECORDING --pcap PATH"],
  [10, "replay RECORDING --pcap PATH --force"],
  [10, "replay RECORDING --svg PATH"],
  [10, "replay RECORDING --svg PATH --force"],
  [10, "replay PATH --draw"],
  [2, "echo tls://127.0.0.1:0 --cert PATH"],
  [2, "echo 127.0.0.1:0 --allow @PATH"],
  [2, "client tls://127.0.0.1:1 --ca PATH"],
  [2, "control 127.0.0.1:0 --config PATH"],
  [2, "relay 127.0.0.1:0 9 --control 127.0.0.1:0 --token @PATH"],
];

const WHY = /: (?:can't be read: )?the runtime keeps programs away from most of \/dev and \/proc\b/;

for (const [status, line] of LINES) {
  Deno.test(
    `a pipe of our own is refused as a file, in one line of ours: ${line}`,
    { ignore: lacks("/proc") },
    async () => {
      await using temp = await temporary();
      await Deno.writeTextFile(`${temp.path}/recording`, RECORDING);
      const reads = status === 2 || line.startsWith("replay PATH");
      for (const path of reads ? ["/dev/stdin"] : ["/dev/stdout", "/proc/self/fd/2"]) {
        const args = line.replace("RECORDING", `${temp.path}/recording`).replace("PATH", path);
        const exit = await run([...args.split(" "), "--quiet"], { stdin: "x" });
        assertEquals(exit.status, status, `${args}: ${exit.stderr}`);
        const lines = exit.stderr.trimEnd().split("\n");
        assertEquals(lines.filter((text) => !WHY.test(text)), [], args);
        assertEquals([lines.length, exit.out], [1, ""], args);
      }
    },
  );
}
