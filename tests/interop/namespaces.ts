/** Network namespaces, in which a test has links and rules of its own. */
import { testWith } from "./peer_program.ts";

/** A test that makes network namespaces with a program, which only root can. */
export function testInNamespaces(
  program: Parameters<typeof testWith>[0],
  name: string,
  fn: () => Promise<void>,
): void {
  const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
  const why = `${name} (only root on Linux makes network namespaces)`;
  if (!isRoot) return Deno.test({ name: why, ignore: true, fn() {} });
  testWith(program, name, fn);
}

/** Runs a program. Rejects with what it says if it fails. */
export async function run([program, ...args]: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program!, { args }).output();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}
