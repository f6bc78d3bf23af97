/** Recordings and other files that aren't regular files of their own. */
import { lacks } from "../support/parts.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { selfMade } from "../support/certificates.ts";
import { until } from "../support/wait.ts";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { LARGE, randomBytes } from "./peers.ts";

const options = { ignore: lacks("FIFOs") };

/** A directory with a FIFO, `fifo`. */
async function withFifo() {
  const temp = await temporary();
  const fifo = `${temp.path}/fifo`;
  await using mkfifo = Coax.spawn(["mkfifo", fifo]);
  assertEquals((await mkfifo.exit()).status, 0);
  return { fifo, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}

/** coax's complaints about a recording. */
function complaints(stderr: string): string[] {
  return stderr.split("\n").filter((line) => /^coax: (?:record|create|write) /.test(line));
}

Deno.test(
  "a recording that can't be written is refused at once, in one line",
  options,
  async () => {
    await using temp = await withFifo();
    const socket = `${temp.fifo}.socket`;
    using _listener = Deno.listen({ transport: "unix", path: socket });
    const cases: [string, RegExp][] = [
      [temp.fifo, /nobody reads from this FIFO$/],
      [socket, /no such device or address$/],
      [`${temp.fifo}/x`, /not a directory$/],
      [temp.fifo.replace(/\/fifo$/, ""), /is a directory|illegal operation on a directory$/],
      ["/proc/self/fd/1", /keeps programs away|no such|permission/],
    ];
    for (const [path, why] of cases) {
      for (const command of [["echo", "0"], ["client", "9"], ["relay", "0", "9"]]) {
        const { status, stderr } = await run([...command, "--record", path, "--force"]);
        assertEquals(status, 10, stderr);
        assertMatch(stderr.trimEnd(), why);
        assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
      }
    }
    const { status, stderr } = await run(["echo", "0", "--record", temp.fifo]);
    assertEquals(status, 10);
    assertMatch(stderr, /the file exists/);
  },
);

/** Opens a FIFO, waits for a line, and reads to the end. */
const PATIENT = 'exec 4<>"$1" 3<"$1"; echo open >&2; read go; exec 4>&-; exec cat <&3';
/** Opens a FIFO and reads nothing. */
const IDLE = 'exec 3<>"$1"; echo open >&2; exec sleep 3600';

/** A reader of a FIFO that has opened it. */
async function reading(fifo: string, program: string): Promise<Coax> {
  const reader = Coax.spawn(["sh", "-c", program, "sh", fifo], { stdin: PIPE });
  await reader.logs(/open/);
  return reader;
}

/** An echo that records to a FIFO. */
function recordingTo(fifo: string): Coax {
  return Coax.start(["echo", "127.0.0.1:0", "--record", fifo, "--force"]);
}

Deno.test("a FIFO gets the whole recording while its reader keeps up", options, async () => {
  await using temp = await withFifo();
  await using reader = await reading(temp.fifo, PATIENT);
  await using echo = recordingTo(temp.fifo);
  const address = await echo.address();
  await reader.write("go\n");
  const payload = "line of text\n".repeat(20_000);
  const exit = await run(["client", address], { stdin: payload });
  assertEquals([exit.status, exit.out === payload], [0, true]);
  echo.signal("SIGTERM");
  assertEquals((await echo.exit()).status, 0);
  const events = (await reader.exit()).out.trimEnd().split("\n").map((line) => JSON.parse(line));
  const recorded = (dir: string) =>
    events.filter((event) => event.event === "data" && event.dir === dir).map(({ text }) => text);
  assertEquals([recorded("in").join("") === payload, recorded("out").join("") === payload], [
    true,
    true,
  ]);
  assertEquals(events.at(-1).event, "close");
});

Deno.test("a recording whose reader stops ends, and no connection notices", options, async () => {
  await using temp = await withFifo();
  await using _reader = await reading(temp.fifo, IDLE);
  await using echo = recordingTo(temp.fifo);
  const address = await echo.address();
  const exit = await run(["client", address], { stdin: randomBytes(LARGE) });
  assertEquals([exit.status, exit.stdout.length], [0, LARGE]);
  await echo.logs(/^coax: record .*fifo: its reader can't keep up; the recording ends here\n/m);
  assertEquals((await run(["client", address], { stdin: "on" })).out, "on");
  echo.signal("SIGTERM");
  const { status, stderr } = await echo.exit();
  assertEquals([status, complaints(stderr).length], [10, 1], stderr);
});

Deno.test(
  "bytes that the reader of a recording leaves, and that it has gone, are reported",
  options,
  async () => {
    await using temp = await withFifo();
    await using reader = await reading(temp.fifo, IDLE);
    await using one = recordingTo(temp.fifo);
    const payload = randomBytes(100_000);
    assertEquals((await run(["client", await one.address()], { stdin: payload })).status, 0);
    one.signal("SIGTERM");
    const exit = await one.exit();
    assertEquals(exit.status, 10);
    assertMatch(
      complaints(exit.stderr).join(),
      /its reader left \d+ bytes; the recording ends here$/,
    );

    await using two = recordingTo(temp.fifo);
    const address = await two.address();
    reader.signal("SIGKILL");
    await reader.exit();
    assertEquals((await run(["client", address], { stdin: "on" })).out, "on");
    await two.logs(/^coax: record .*: broken pipe; the recording ends here\n/m);
  },
);

Deno.test(
  "a recording whose file is removed is reported, and the traffic goes on",
  options,
  async () => {
    await using temp = await temporary();
    const file = `${temp.path}/r`;
    await using echo = Coax.start(["echo", "127.0.0.1:0", "--record", file]);
    const address = await echo.address();
    await run(["client", address], { stdin: "before" });
    await Deno.remove(file);
    const logged = echo.logs(
      /^coax: record .*: the file has been removed meanwhile; .* ends here\n/m,
    );
    let over = false;
    logged.finally(() => over = true).catch(() => {});
    while (!over) assertEquals((await run(["client", address], { stdin: "on" })).out, "on");
    await logged;
    assertEquals((await run(["client", address], { stdin: "after" })).out, "after");
    echo.signal("SIGTERM");
    const { status, stderr } = await echo.exit();
    assertEquals([status, complaints(stderr).length], [10, 1], stderr);

    await using short = Coax.start(["echo", "127.0.0.1:0", "--record", file]);
    await run(["client", await short.address()], { stdin: "all" });
    await Deno.remove(file);
    short.signal("SIGTERM");
    const exit = await short.exit();
    assertEquals(exit.status, 10);
    assertMatch(exit.stderr, /the file has been removed meanwhile/);
  },
);

Deno.test("the end of an empty recording removes its own file and no other", options, async () => {
  await using temp = await temporary();
  const file = `${temp.path}/r`;
  await using mine = Coax.start(["echo", "127.0.0.1:0", "--record", file]);
  await mine.address();
  mine.signal("SIGTERM");
  assertEquals((await mine.exit()).status, 0);
  assertEquals([...Deno.readDirSync(temp.path)], []);

  await using other = Coax.start(["echo", "127.0.0.1:0", "--record", file]);
  await other.address();
  await Deno.writeTextFile(`${file}.new`, "precious");
  await Deno.rename(`${file}.new`, file);
  other.signal("SIGTERM");
  const { status, stderr } = await other.exit();
  assertEquals([status, complaints(stderr)], [0, []]);
  assertEquals(await Deno.readTextFile(file), "precious");
});

Deno.test(
  "FIFOs that are read or written as a whole wait for the other side, or a signal",
  { ignore: lacks("/proc") },
  async () => {
    await using temp = await withFifo();
    const recording = `${temp.fifo}.jsonl`;
    await using echo = Coax.start(["echo", "127.0.0.1:0"]);
    const address = await echo.address();
    const client = ["client", address, "--record", recording];
    assertEquals((await run(client, { stdin: "x".repeat(200_000) })).status, 0);
    const identity = await selfMade();
    const key = `${temp.fifo}.key`;
    await Deno.writeTextFile(key, identity.key);
    await Deno.writeTextFile(`${temp.fifo}.pem`, identity.cert);
    const cases: [string[], string, number][] = [
      [["replay", recording, "--pcap", temp.fifo, "--force"], 'wc -c < "$1"', 143],
      [["replay", temp.fifo, address, "--check"], 'cat "$1.jsonl" > "$1"', 143],
      [["echo", "127.0.0.1:0", "--deny", `@${temp.fifo}`], 'echo 10.0.0.0/8 > "$1"', 0],
      [["echo", "tls://127.0.0.1:0", "--cert", temp.fifo, "--key", key], 'cat "$1.pem" > "$1"', 0],
      [["relay", "127.0.0.1:0", "tls://127.0.0.1:9", "--ca", temp.fifo], 'cat "$1.pem" > "$1"', 0],
    ];
    for (const [args, other, status] of cases) {
      await using served = Coax.start(args);
      await using helper = Coax.spawn(["sh", "-c", other, "sh", temp.fifo]);
      assertEquals((await helper.exit()).status, 0);
      if (args[0] === "replay") assertEquals((await served.exit()).status, 0);
      else await served.address();

      await using alone = Coax.start(args);
      await waiting(alone);
      alone.signal("SIGTERM");
      assertEquals((await alone.exit()).status, status, args.join(" "));
    }
  },
);

/** Waits until a process has a thread that opens a FIFO. */
async function waiting({ pid }: Coax): Promise<void> {
  const tasks = `/proc/${pid}/task`;
  const nameOf = (id: string) => Deno.readTextFileSync(`${tasks}/${id}/comm`);
  const waits = () => [...Deno.readDirSync(tasks)].some(({ name }) => /^worker/.test(nameOf(name)));
  await until(waits, "a thread that waits");
}

Deno.test("a ready file that is a FIFO holds up nobody until it is read", options, async () => {
  await using temp = await withFifo();
  const args = ["echo", "127.0.0.1:0", "--ready-file", temp.fifo];
  await using echo = Coax.start(args);
  const address = await echo.address();
  assertEquals((await run(["client", address], { stdin: "early" })).out, "early");
  await using reader = Coax.spawn(["cat", temp.fifo]);
  assertEquals((await reader.exit()).out, `${address}\n`);
  await using second = Coax.start(args);
  await second.address();
  second.signal("SIGTERM");
  assertEquals((await second.exit()).status, 0);
});
