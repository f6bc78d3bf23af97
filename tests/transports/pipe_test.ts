import { assertEquals } from "@std/assert";
import { libc } from "../../src/transports/libc.ts";
import { Pipe } from "../../src/transports/pipe.ts";
import { lacks } from "../support/parts.ts";
import { capacityOf } from "../support/pipes.ts";

const O_RDWR = 2;

/** The capacities of a new pipe after so many bytes each. */
async function capacities(...counts: number[]): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const number = libc()!.open(new TextEncoder().encode(`${path}\0`), O_RDWR);
  try {
    const pipe = Pipe.of(number);
    return counts.map((count) => {
      pipe.carried(count);
      return capacityOf(Deno.pid, number);
    });
  } finally {
    libc()!.close(number);
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
    assertEquals(capacityOf(child.pid, 1), 2 ** 20);
    await child.stdin.close();
    await child.output();
    Pipe.outputOf(child.pid).carried(2 ** 20);
  },
});

Deno.test("what is no pipe stays as it is", () => {
  Pipe.of(-1).carried(2 ** 20);
});
