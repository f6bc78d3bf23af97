/** The systemd unit of the Debian package, as systemd's own checks read it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { temporary } from "../../e2e/coax.ts";
import { available, testWith } from "../../interop/peer_program.ts";

const systemd = {
  name: "systemd-analyze",
  available: available("systemd-analyze", ["--version"], /^systemd/),
};

const FOLDER = new URL("../../../scripts/release/debian/", import.meta.url);
const UNIT = await Deno.readTextFile(new URL("coax-relay@.service", FOLDER));

/** The greatest exposure that systemd may find, in tenths: of 100, where unconfined is about 96. */
const EXPOSURE = 20;

/** Runs `systemd-analyze` on an instance of a unit whose program is there. */
async function analyze(unit: string, ...args: string[]) {
  await using temp = await temporary();
  const path = `${temp.path}/coax-relay@test.service`;
  await Deno.writeTextFile(path, unit.replace("/usr/bin/coax", "/bin/true"));
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args: ["--no-pager", ...args, path],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const security = ["security", "--offline=true", `--threshold=${EXPOSURE}`];

testWith(systemd, "systemd finds no error in the relay's unit", async () => {
  const { success, stderr } = await analyze(UNIT, "--man=no", "verify");
  assertEquals([success, stderr], [true, ""]);
});

testWith(systemd, "systemd rates the relay's exposure as low", async () => {
  const { success, stdout } = await analyze(UNIT, ...security);
  assert(success, stdout);
});

testWith(systemd, "a unit without the filter of system calls is rated as too exposed", async () => {
  const { success, stdout } = await analyze(UNIT.replaceAll(/^SystemCall.*\n/gm, ""), ...security);
  assert(!success, stdout);
});

Deno.test("the unit lets V8 compile, and binds low ports with one capability", () => {
  assert(!/^MemoryDenyWriteExecute=/m.test(UNIT));
  assertMatch(UNIT, /^CapabilityBoundingSet=CAP_NET_BIND_SERVICE$/m);
  assertMatch(UNIT, /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
});

Deno.test("the example says the variable that the unit reads", async () => {
  const example = await Deno.readTextFile(new URL("relay.conf", FOLDER));
  const [, variable] = /^ExecStart=\/usr\/bin\/coax relay \$(\w+)$/m.exec(UNIT)!;
  assertMatch(example, RegExp(`^${variable}="\\*:8080 localhost:80 `, "m"));
});
