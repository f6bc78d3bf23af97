/** What the environment of a relay's child says of the WebSocket that it serves. */
import { assertEquals } from "@std/assert";
import { Coax, run } from "./coax.ts";

/** Shows each variable with its value in brackets, or as unset. */
const SHOW = 'sh:echo "${COAX_PATH-unset} [${COAX_QUERY-unset}] [${COAX_PROTOCOL-unset}]"';
/** As a child of another coax would have them. */
const OUTER = { COAX_PATH: "/outer", COAX_QUERY: "outer", COAX_PROTOCOL: "outer" };

for (
  const [target, args, shown] of [
    ["/a/b?x=1&y=%20", ["--protocol", "v1"], "/a/b [x=1&y=%20] [v1]"],
    ["", [], "/ [] []"],
    ["/p", [], "/p [] []"],
    ["/p?", [], "/p [] []"],
    ["/p?a?b", [], "/p [a?b] []"],
    ["/$(id);'", [], "/$(id);' [] []"],
  ] as const
) {
  Deno.test(`a child that serves a WebSocket is told of "${target}"`, async () => {
    await using relay = Coax.start(
      ["relay", "ws://127.0.0.1:0", SHOW, "--text", "--protocol", "v1"],
      { env: OUTER },
    );
    const url = await relay.address() + target;
    const { status, out, stderr } = await run(["client", url, ...args], { stdin: "" });
    assertEquals([status, out], [0, `${shown}\n\n`], stderr);
  });
}

Deno.test("no other child has or inherits the variables of a WebSocket", async () => {
  const env = { ...OUTER, KEPT: "kept" };
  const show = `${SHOW}; echo "$KEPT $COAX_ID"`;
  const own = await run(["client", show], { env });
  assertEquals([own.status, own.out], [0, "unset [unset] [unset]\nkept 1\n"], own.stderr);
  await using relay = Coax.start(["relay", "127.0.0.1:0", show], { env });
  const { out } = await run(["client", await relay.address()], { stdin: "" });
  assertEquals(out, "unset [unset] [unset]\nkept 1\n");
});
