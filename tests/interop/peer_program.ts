/**
 * Other programs that coax is tested against. A missing one fails its tests where `CI` is set, and
 * is listed at the end of the run elsewhere.
 */
const missing = new Set<string>();

globalThis.addEventListener("unload", () => {
  const names = [...missing].sort().join(", ");
  const line = `\nskipped, because these programs are missing: ${names}\n`;
  if (names) Deno.stderr.writeSync(new TextEncoder().encode(line));
});

/** Whether a program is on PATH and its output for `probe` matches. */
export function available(program: string, probe: readonly string[], pattern: RegExp): boolean {
  try {
    const { stdout, stderr } = new Deno.Command(program, { args: [...probe], stdin: "null" })
      .outputSync();
    const decoder = new TextDecoder();
    return pattern.test(decoder.decode(stdout) + decoder.decode(stderr));
  } catch {
    return false;
  }
}

/** A test that needs a program. */
export function testWith(
  program: { name: string; available: boolean },
  name: string,
  fn: (test: Deno.TestContext) => Promise<void>,
): void {
  if (program.available) return Deno.test(name, fn);
  if (Deno.env.get("CI")) {
    Deno.test(name, () => {
      throw new Error(`${program.name} is missing`);
    });
  } else {
    missing.add(program.name);
    Deno.test({ name: `${name} (${program.name} is missing)`, ignore: true, fn });
  }
}
