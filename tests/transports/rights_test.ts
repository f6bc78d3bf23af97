import { assertEquals } from "@std/assert";

/** Drops all rights in a process of its own, then tries to use them and to get them back. */
const PROGRAM = `
  const { keepOnly } = await import(Deno.args[0]);
  const { silent } = await import(Deno.args[1]);
  const port = Deno.listen({ hostname: "127.0.0.1", port: 0 }).addr.port;
  keepOnly(new Set(), silent);
  const tries = {
    ffi: () => Promise.try(() => Deno.dlopen("libc.so.6", {})),
    net: () => Deno.connect({ hostname: "127.0.0.1", port }),
    read: () => Deno.readTextFile("/etc/hostname"),
    run: async () => await new Deno.Command("true").output(),
    sys: () => Promise.try(() => Deno.networkInterfaces()),
    write: () => Deno.writeTextFile("/tmp/coax-never", ""),
  };
  for (const name of Object.keys(tries)) {
    const { state } = await Deno.permissions.request({ name });
    const used = await tries[name]().then(() => "used", (error) => error.name);
    console.log(name, state, used);
  }
`;

Deno.test("dropped rights can't be regained", async () => {
  const file = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      PROGRAM,
      file("transports/rights.ts"),
      file("core/log.ts"),
    ],
  }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals(
    lines,
    ["ffi", "net", "read", "run", "sys", "write"].map((name) => `${name} denied NotCapable`),
    new TextDecoder().decode(stderr),
  );
});
