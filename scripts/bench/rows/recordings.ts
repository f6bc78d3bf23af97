/** The curve of reading recordings: what a line costs among more and more lines. */
import type { Contender, Experiment } from "../experiment.ts";
import type { Lab } from "../lab.ts";

const COUNTS = [100_000, 10_000, 1000];
/** Lines of each recorded connection. */
const EACH = 100;

/** Writes a recording of connections that follow each other, and resolves with its path. */
async function writeRecording(lab: Lab, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, i) => JSON.stringify(eventOf(i)));
  const file = `${lab.folder}/${count}.jsonl`;
  await Deno.writeTextFile(file, lines.join("\n") + "\n");
  return file;
}

/** The event of a line: a connection is opened, has requests and answers in turn, and is closed. */
function eventOf(line: number): Record<string, unknown> {
  const at = line % EACH;
  const dir = at % 2 === 1 ? "in" : "out";
  const common = { t: line / 10, id: 1 + Math.floor(line / EACH) };
  if (at === 0) {
    return { ...common, event: "open", dir: "in", peer: "127.0.0.1:50000", local: "127.0.0.1:80" };
  }
  if (at === EACH - 1) return { ...common, event: "close", dir };
  return { ...common, event: "data", dir, text: `message ${line}\n` };
}

/** Time from start to exit, milliseconds. */
async function draw(lab: Lab, file: string): Promise<number> {
  const start = performance.now();
  const { success } = await new Deno.Command(lab.coax, {
    args: ["replay", file, "--draw"],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error(`${file} can't be drawn`);
  return performance.now() - start;
}

export const recordings: Experiment = {
  rows: [{
    name: "curve, replay --draw, a line of 100000",
    unit: "µs",
    better: "less",
    bars: { "itself, 10000 lines": 1 },
  }],
  about: "Time from start to exit for each line of a recording, whose connections have " +
    `${EACH} lines each. Start-up is most of the time of a short one.`,
  async setUp(lab) {
    const contenders: Contender[] = [];
    for (const count of COUNTS) {
      const file = await writeRecording(lab, count);
      const run = async () => [1000 * await draw(lab, file) / count];
      contenders.push({ name: `itself, ${count} lines`, run });
    }
    return contenders;
  },
};
