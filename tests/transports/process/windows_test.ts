/** Children without process groups, as on Windows. */
import { assertEquals } from "@std/assert";
import type { Duplex } from "../../../src/core/duplex.ts";
import { ProcessGroup } from "../../../src/transports/process/group.ts";
import { decode, readAll } from "../../support/connections.ts";
import { pretend, programs } from "../../support/system.ts";
import { connect } from "../../support/transports.ts";
import { soon } from "../../support/wait.ts";

function sleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["60"] }).spawn();
}

async function finish(connection: Duplex): Promise<void> {
  connection.close();
  await soon(connection.closed, "the child's end");
}

Deno.test("sh: hands cmd the line in one pair of quotes, which /s takes off", async () => {
  await using _programs = await programs({ cmd: `printf '%s\\n' "$@"` });
  using _ = pretend("windows");
  const connection = await connect('sh:echo "a b" & more');
  assertEquals(decode(await readAll(connection)), '/d\n/s\n/c\n"echo "a b" & more"\n');
  await finish(connection);
});

Deno.test("a child is ended with all that it has started", async () => {
  await using _programs = await programs({
    taskkill: `[ "$1 $2 $3" = "/t /f /pid" ] && kill -USR1 "$4"`,
  });
  using _ = pretend("windows");
  const child = sleeper();
  const group = new ProcessGroup(child, false);
  await group.terminate();
  assertEquals((await soon(child.status, "the child's end")).signal, "SIGUSR1");
  group.release();
});

Deno.test("a child is ended alone where the tree can't be", async () => {
  for (const taskkill of ["exit 1", undefined]) {
    await using _programs = await programs(taskkill ? { taskkill } : {});
    using _ = pretend("windows");
    const child = sleeper();
    const group = new ProcessGroup(child, false);
    await group.terminate();
    assertEquals((await soon(child.status, "the child's end")).signal, "SIGTERM");
    group.release();
  }
});
