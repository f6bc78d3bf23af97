import { assertEquals } from "@std/assert";
import { socketCalls } from "../../src/transports/descriptor.ts";
import { Pipe } from "../../src/transports/pipe.ts";
import { lacks } from "../support/parts.ts";

const O_RDWR = 2;
/** Gets the capacity of a pipe (fcntl(2), Linux). */
const F_GETPIPE_SZ = 1032;
/** Descriptors of Linux that `fcntl` knows. */
const calls = socketCalls();

/** The capacities of a new pipe after so many bytes each. */
async function capacities(...counts: number[]): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const number = calls!.open(new TextEncoder().encode(`${path}\0`), O_RDWR);
  try {
    const pipe = Pipe.of(number);
    return counts.map((count) => {
      pipe.carried(count);
      return calls!.fcntl(number, F_GETPIPE_SZ, 0);
    });
  } finally {
    calls!.close(number);
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "a pipe becomes larger once it has carried much, and not before",
  ignore: lacks("/proc"),
  async fn() {
    assertEquals(await capacities(200_000, 50_000, 50_000), [65_536, 65_536, 2 ** 20]);
    assertEquals(await capacities(2 ** 20, 2 ** 20), [2 ** 20, 2 ** 20]);
  },
});

Deno.test({
  name: "the stdout of a child becomes larger, and one that has exited is left alone",
  ignore: lacks("/proc"),
  async fn() {
    const child = new Deno.Command("cat", { stdin: "piped", stdout: "piped" }).spawn();
    Pipe.outputOf(child.pid).carried(2 ** 20);
    const path = new TextEncoder().encode(`/proc/${child.pid}/fd/1\0`);
    const number = calls!.open(path, 0);
    assertEquals(calls!.fcntl(number, F_GETPIPE_SZ, 0), 2 ** 20);
    calls!.close(number);
    await child.stdin.close();
    await child.output();
    Pipe.outputOf(child.pid).carried(2 ** 20);
  },
});

Deno.test("what is no pipe stays as it is", () => {
  Pipe.of(-1).carried(2 ** 20);
});
