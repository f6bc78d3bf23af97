import { assert, assertEquals } from "@std/assert";
import { libc } from "../../../src/transports/libc.ts";
import { ProcessGroup } from "../../../src/transports/process/group.ts";
import { lacks } from "../../support/parts.ts";
import { soon, until } from "../../support/wait.ts";

libc(); // It stays open from its first use on, which a test's leak check would report.

/** `prctl(2)`: orphans among our descendants become our children, and nobody reaps them. */
const PR_SET_CHILD_SUBREAPER = 36;

function adoptsOrphans(): Disposable {
  const library = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  });
  const adopt = (on: bigint) => library.symbols.prctl(PR_SET_CHILD_SUBREAPER, on, 0n, 0n, 0n);
  assertEquals(adopt(1n), 0);
  return {
    [Symbol.dispose]() {
      adopt(0n);
      library.close();
    },
  };
}

/** A shell that leads a group, with a process that it has started, whose id `line` prints. */
async function group(line: string) {
  const child = new Deno.Command("sh", {
    args: ["-c", line],
    stdout: "piped",
    detached: true,
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await soon(reader.read(), "the process");
  return {
    processes: new ProcessGroup(child, true),
    started: Number(new TextDecoder().decode(value)),
    async [Symbol.asyncDispose]() {
      await child.status;
      await reader.cancel();
    },
  };
}

const stateOf = (pid: number) => /\) (\S)/.exec(Deno.readTextFileSync(`/proc/${pid}/stat`))?.[1];

Deno.test({
  name: "a group is over when all that is left of it are zombies",
  ignore: lacks("/proc"),
  async fn() {
    using _ = adoptsOrphans();
    await using child = await group("sleep 3600 & echo $!; wait");
    const { processes, started } = child;
    await soon(processes.terminate(3_600_000), "the end of the group");
    processes.release();
    assertEquals(stateOf(started), "Z");
  },
});

Deno.test({
  name: "a process that ignores SIGTERM keeps its group, and is killed in the end",
  ignore: lacks("/proc"),
  async fn() {
    using _ = adoptsOrphans();
    await using child = await group(`sh -c 'trap "" TERM; echo $$; exec sleep 3600' & wait`);
    const { processes, started } = child;
    const began = performance.now();
    await soon(processes.terminate(700), "the end of the group");
    processes.release();
    assert(performance.now() - began >= 700);
    await until(() => stateOf(started) === "Z", "its end");
  },
});
