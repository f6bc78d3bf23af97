/** coax as Deno loads it from JSR, published to a registry of this machine. */
import { assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/cli/version.ts";
import { Coax, temporary } from "../e2e/coax.ts";
import { JsrRegistry } from "./jsr_registry.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What loading and checking all modules may take, milliseconds. */
const LOADING = 120_000;

/**
 * Publishes coax, and in the place of the standard library its fronts in `src/std`: published
 * modules import `jsr:@std/…`, whatever `links` says.
 */
async function publishAll(registry: JsrRegistry, folder: string): Promise<void> {
  for (const name of ["cli", "fmt"]) {
    const copy = `${folder}/std-${name}`;
    await Deno.mkdir(copy, { recursive: true });
    for await (const file of Deno.readDir(`${ROOT}src/std/${name}`)) {
      await Deno.copyFile(`${ROOT}src/std/${name}/${file.name}`, `${copy}/${file.name}`);
    }
    await Deno.copyFile(`${ROOT}LICENSE`, `${copy}/LICENSE`);
    await registry.publish(copy);
  }
  await registry.publish(ROOT);
}

Deno.test({
  name: "coax as published runs from jsr: and installs",
  ignore: Deno.build.os === "windows",
  async fn(test) {
    await using temp = await temporary();
    await Deno.mkdir(`${temp.path}/empty`);
    await Deno.mkdir(`${temp.path}/registry`);
    await using registry = new JsrRegistry(`${temp.path}/registry`);
    await publishAll(registry, temp.path);
    const options = { cwd: `${temp.path}/empty`, env: registry.env };

    await test.step("deno run", async () => {
      const words = [Deno.execPath(), "run", "--quiet", "-A", "--reload=http://127.0.0.1"];
      const args = ["jsr:@coax/coax", "client", "exec:cat"];
      await using coax = Coax.spawn([...words, ...args], { ...options, stdin: "there and back" });
      const { status, out, stderr } = await coax.exit(LOADING);
      assertEquals([status, out, stderr], [0, "there and back", ""]);
    });

    await test.step("deno install, with UDP", async () => {
      const words = [Deno.execPath(), "install", "--global", "--quiet", "-A", "--unstable-net"];
      const place = ["--root", temp.path, "--name", "coax", "jsr:@coax/coax"];
      await using installer = Coax.spawn([...words, ...place], options);
      const { status, stderr } = await installer.exit(LOADING);
      assertEquals(status, 0, stderr);
      await using version = Coax.spawn([`${temp.path}/bin/coax`, "--version"], options);
      assertEquals((await version.exit()).out, `coax ${VERSION}\n`);
      await using echo = Coax.spawn(
        [`${temp.path}/bin/coax`, "echo", "udp://127.0.0.1:0"],
        options,
      );
      assertMatch(await echo.address(), /^udp:/);
    });
  },
});
