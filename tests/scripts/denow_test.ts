/** Preconditions of the runtime, reported in a line before it is started (`scripts/denow`). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, quote, temporary } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";

const DENOW = ["sh", new URL("../../scripts/denow", import.meta.url).pathname];
const windows = Deno.build.os === "windows";
const unshare = {
  name: "unshare -rm (a mount namespace of one's own)",
  available: available("unshare", ["-rm", "echo", "good"], /^good$/m),
};

async function outcome(words: readonly string[], cwd: string) {
  await using process = Coax.spawn(words, { cwd });
  const { status, out, stderr } = await process.exit();
  return { status, out, stderr };
}

Deno.test({
  name: "a working directory that was removed is a line, before the runtime is started",
  ignore: windows, // It doesn't remove a directory that is in use.
  async fn() {
    await using temp = await temporary();
    await Deno.mkdir(`${temp.path}/gone`);
    const line = `rmdir ${quote(`${temp.path}/gone`)} && exec "$@"`;
    const words = ["sh", "-c", line, "sh", ...DENOW, "task", "client", "--version"];
    const { status, out, stderr } = await outcome(words, `${temp.path}/gone`);
    assertEquals([status, out], [1, ""], stderr);
    // Shells that start there print a line of their own first.
    assertMatch(
      stderr,
      /^denow: the working directory has been removed; change to another one\n$/m,
    );
    assert(!/error:|panic/.test(stderr), stderr);
  },
});

testWith(unshare, "a system without /proc is a line, before the runtime is started", async () => {
  const line = 'mount -t tmpfs none /proc && exec "$@"';
  const words = ["unshare", "-rm", "sh", "-c", line, "sh", ...DENOW, "task", "client", "--version"];
  const stderr = "denow: Deno needs /proc, which isn't mounted\n";
  assertEquals(await outcome(words, "/"), { status: 1, out: "", stderr });
});
