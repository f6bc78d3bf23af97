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
    const pipe = new Pipe(number);
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

Deno.test("what is no pipe stays as it is", () => {
  new Pipe(-1).carried(2 ** 20);
});
