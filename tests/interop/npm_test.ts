/** coax as npm installs it, from a registry of this machine. */
import { assert, assertEquals } from "@std/assert";
import { PLATFORMS } from "../../scripts/release/npm/platforms.ts";
import { packAll } from "../../scripts/release/npm.ts";
import { VERSION } from "../../src/cli/version.ts";
import { COAX, DEADLINE, PIPE, shellLine, temporary } from "../e2e/coax.ts";
import { releaseOf } from "../scripts/release/npm/packed.ts";
import { NpmRegistry } from "./npm_registry.ts";
import { type NpmTools, npmTools } from "./npm_tools.ts";
import { testWith } from "./peer_program.ts";

const tools = Deno.build.os === "windows" ? "no Windows in these tests" : await npmTools();
const npm = typeof tools === "string"
  ? { name: `npm, Node and Verdaccio (${tools})`, available: false }
  : { name: "npm", available: true };

/** The packages of this version, for all platforms, with coax as the tests have it for each. */
async function packages(folder: string): Promise<string[]> {
  await using dist = await temporary();
  const program = COAX.length === 1
    ? await Deno.readFile(COAX[0]!)
    : `#!/bin/sh\nexec ${shellLine([])} "$@"\n`;
  const others = "#!/bin/sh\nexit 99\n";
  const release = await releaseOf(
    (target) => target === Deno.build.target ? program : others,
    dist.path,
  );
  return await packAll(dist.path, folder, { ...release, version: VERSION });
}

const HERE = PLATFORMS.find(({ target }) => target === Deno.build.target)!;

async function installed(npm: NpmRegistry): Promise<void> {
  const { status, stderr } = await npm.run("npm install --global coax-cli");
  assertEquals([status, stderr], [0, ""]);
  const modules = `${npm.folder}/global/lib/node_modules/coax-cli/node_modules`;
  const found = [...Deno.readDirSync(modules)].map(({ name }) => name);
  const programs = found.filter((name) => name.startsWith("coax-cli-"));
  assertEquals(programs, [`coax-cli-${HERE.os}-${HERE.cpu}`]);
  const { out } = await npm.run("coax --version");
  assertEquals(out, `coax ${VERSION}\n`);
}

async function pipes(npm: NpmRegistry): Promise<void> {
  const { status, out } = await npm.run("printf hello | coax client exec:cat | tr a-z A-Z");
  assertEquals([status, out], [0, "HELLO"]);
}

async function statuses(npm: NpmRegistry): Promise<void> {
  const { status, stderr } = await npm.run("coax client 127.0.0.1:1");
  assertEquals([status, stderr], [4, "coax: connect 127.0.0.1:1: connection refused\n"]);
}

async function signals(npm: NpmRegistry): Promise<void> {
  await using echo = await npm.start("exec coax echo 127.0.0.1:0");
  const address = await echo.address(DEADLINE);
  await using client = await npm.start(`exec coax client ${address} --send x`, { stdin: PIPE });
  await client.prints(/x/);
  client.signal("SIGINT");
  assertEquals((await client.exit()).status, 130);
  echo.signal("SIGTERM");
  assertEquals((await echo.exit()).status, 0);
}

async function npx(npm: NpmRegistry): Promise<void> {
  const line = "npx --yes coax-cli client";
  const echoed = await npm.run(`printf hello | ${line} exec:cat`);
  assertEquals([echoed.status, echoed.out], [0, "hello"]);
  assertEquals((await npm.run(`${line} 127.0.0.1:1`)).status, 4);
}

async function omitted(npm: NpmRegistry): Promise<void> {
  const { status, stderr } = await npm.run(
    "npm install --silent --omit=optional coax-cli && node_modules/.bin/coax --version",
  );
  assertEquals(status, 127);
  assert(/^coax: coax-cli-\S+ is missing: .*\n$/.test(stderr), stderr);
}

testWith(npm, "coax as npm installs it is the program itself", async (test) => {
  await using registry = await NpmRegistry.start(tools as NpmTools);
  await registry.publish(await packages(`${registry.folder}/packed`));
  const steps: [name: string, step: (npm: NpmRegistry) => Promise<void>][] = [
    ["npm installs the program of this platform alone", installed],
    ["stdin and stdout are pipes", pipes],
    ["the status and the error are the program's", statuses],
    ["signals reach the program", signals],
    ["npx runs it in an empty folder", npx],
    ["without optional dependencies it says what is missing", omitted],
  ];
  for (const [name, step] of steps) await test.step(name, () => step(registry));
});
