/** Stands in for another operating system. */
import { system } from "../../src/platform/platform.ts";
import { libc } from "../../src/transports/libc.ts";
import { temporary } from "../e2e/coax.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

/** Lets coax take this system for `os` until it is disposed of. */
export function pretend(os: typeof Deno.build.os): Disposable {
  const before = system.os;
  system.os = os;
  return { [Symbol.dispose]: () => void (system.os = before) };
}

/** Puts shell scripts before everything on PATH, by name, until they are disposed of. */
export async function programs(scripts: Record<string, string>): Promise<AsyncDisposable> {
  const folder = await temporary();
  const path = Deno.env.get("PATH")!;
  for (const [name, script] of Object.entries(scripts)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  Deno.env.set("PATH", `${folder.path}:${path}`);
  return {
    async [Symbol.asyncDispose]() {
      Deno.env.set("PATH", path);
      await folder[Symbol.asyncDispose]();
    },
  };
}
