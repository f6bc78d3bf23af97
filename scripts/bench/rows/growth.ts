/** Curves of what must not grow: the cost of a connection, join or scrape beside more of others. */
import { ask, serveWeb } from "../ends/web.ts";
import { type Contender, type Experiment, LIMIT, limited } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";
import { processorTime } from "../process.ts";

/** Processor time of a process for each of the units that `work` resolves with, milliseconds. */
async function costOfEach(pid: number, work: () => Promise<number>): Promise<number> {
  const before = await processorTime(pid);
  const units = await work();
  return (await processorTime(pid) - before) / units;
}

/** The cost of a connection to relays that differ in their arguments, µs of processor time. */
async function connections(
  lab: Lab,
  relays: Readonly<Record<string, (target: string) => Promise<string[]>>>,
): Promise<Contender[]> {
  const target = `127.0.0.1:${await serveWeb(lab)}`;
  const seconds = lab.quick ? 1 : 2;
  return await Promise.all(
    Object.entries(relays).map(async ([name, argumentsFor]): Promise<Contender> => {
      const port = freePort();
      const args = ["relay", "-q", `127.0.0.1:${port}`, ...await argumentsFor(target)];
      const pid = await lab.start(lab.coax, args, port);
      const connect = async () => {
        const { rate } = await ask(port, { connections: 16, close: true, seconds });
        return rate * seconds;
      };
      return { name, run: async () => [1000 * await costOfEach(pid, connect)] };
    }),
  );
}

const CONNECTION = "Processor time of the relay for each connection of " +
  "`wrk -t1 -c16 -H 'Connection: close'` to an nginx";

const itself = (count: number, what: string) => `itself, ${count} ${what}`;

const targets: Experiment = {
  rows: [{
    name: "curve, relay, a connection with 1000 targets",
    unit: "µs",
    better: "less",
    bars: { [itself(1, "targets")]: 1.1 },
  }],
  about: `${CONNECTION}, with more and more targets, all of them the same nginx.`,
  setUp: (lab) =>
    connections(
      lab,
      Object.fromEntries([1000, 10, 1].map((count) => [
        itself(count, "targets"),
        (target: string) => Promise.resolve(Array(count).fill(target)),
      ])),
    ),
};

/** Writes a list of ranges, all lengths of prefixes among them; the last is the client's. */
async function writeRanges(lab: Lab, count: number): Promise<string> {
  const file = `${lab.folder}/${count}.list`;
  const ranges = Array.from({ length: count - 1 }, (_, i) => {
    return `10.${i >> 16}.${i >> 8 & 255}.${i & 255}/${9 + i % 24}`;
  });
  await Deno.writeTextFile(file, [...ranges, "127.0.0.0/8\n"].join("\n"));
  return file;
}

const ranges: Experiment = {
  rows: [{
    name: "curve, relay, a connection with 10000 ranges in --allow",
    unit: "µs",
    better: "less",
    bars: { [itself(0, "ranges")]: 1 / 0.95 },
  }],
  about: `${CONNECTION}, with more and more ranges in \`--allow @FILE\`, of all lengths of ` +
    "prefixes, the last of which is the client's.",
  setUp: (lab) =>
    connections(
      lab,
      Object.fromEntries([10_000, 100_000, 10, 0].map((count) => [
        itself(count, "ranges"),
        async (target: string) =>
          count === 0 ? [target] : [target, "--allow", `@${await writeRanges(lab, count)}`],
      ])),
    ),
};

/** Joins that are timed, in each run. */
const JOINS = 100;

const joins: Experiment = {
  rows: [{
    name: "curve, chat, a join to a room of 1000",
    unit: "ms",
    better: "less",
    bars: { [LIMIT]: 1 },
  }],
  about: `Processor time of the room for each of ${JOINS} members who join one after the other, ` +
    "until nobody hears anything new, while so many are there already. All of them are told.",
  async setUp(lab) {
    const endpoints = await lab.endpoints();
    const rooms = await Promise.all([1000, 2000, 100, 10].map(async (members) => {
      const port = freePort();
      const args = ["chat", "-q", "-m", "4000", `127.0.0.1:${port}`, "--history", "0"];
      return { members, port, pid: await lab.start(lab.coax, args, port) };
    }));
    for (const { port, members } of rooms) {
      await endpoints.run({ job: "join", port, count: members, stay: true });
    }
    return [
      ...rooms.map(({ port, members, pid }): Contender => ({
        name: itself(members, "members"),
        run: async () => [
          await costOfEach(pid, async () => {
            await endpoints.run({ job: "join", port, count: JOINS, stay: false });
            return JOINS;
          }),
        ],
      })),
      limited(1),
    ];
  },
};

/** Scrapes that are timed, in each run. */
const SCRAPES = 100;
/** Connections that are open at once while they are made only to be closed. */
const BATCH = 1000;

const scrapes: Experiment = {
  rows: [{
    name: "curve, relay, a scrape of --metrics after 10000 connections",
    unit: "ms",
    better: "less",
    bars: { [itself(0, "closed connections")]: 1.1 },
  }],
  about: "Processor time of the relay for each answer at `/metrics`, when so many connections " +
    "have come and gone.",
  async setUp(lab) {
    const endpoints = await lab.endpoints();
    const target = `127.0.0.1:${endpoints.ports.echo}`;
    const contenders: Contender[] = [];
    for (const count of [10_000, 100, 0]) {
      const [port, metrics] = [freePort(), freePort()];
      const args = ["relay", "-q", `127.0.0.1:${port}`, target, "-m", `${BATCH}`];
      const pid = await lab.start(lab.coax, [...args, "--metrics", `127.0.0.1:${metrics}`], port);
      for (let left = count; left > 0; left -= BATCH) {
        const some = Math.min(left, BATCH);
        await endpoints.run({ job: "hold", port, count: some, exchange: true });
        await endpoints.run({ job: "release" });
      }
      const scrape = async () => {
        for (let i = 0; i < SCRAPES; i++) {
          const answer = await fetch(`http://127.0.0.1:${metrics}/metrics`);
          if (!answer.ok || !(await answer.text()).includes("coax_")) throw new Error("no metrics");
        }
        return SCRAPES;
      };
      contenders.push({
        name: itself(count, "closed connections"),
        run: async () => [await costOfEach(pid, scrape)],
      });
    }
    return contenders;
  },
};

export const growth: readonly Experiment[] = [targets, ranges, joins, scrapes];
