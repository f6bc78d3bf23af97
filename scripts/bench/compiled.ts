/** Small programs of one module, compiled as coax is: what the runtime itself costs. */
import { compile } from "../compile.ts";
import type { Lab } from "./lab.ts";

const CONFIG = new URL("../../deno.json", import.meta.url);

/**
 * Compiles a module that needs no other, with these permissions and what coax has of the runtime's
 * unstable features. Resolves with its path.
 */
export async function compileModule(
  lab: Lab,
  name: string,
  source: string,
  permissions: Deno.PermissionOptionsObject,
): Promise<string> {
  // The next configuration counts: a folder of its own keeps it from other programs.
  const folder = `${lab.folder}/${name}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${name}.ts`, source);
  const { unstable } = JSON.parse(await Deno.readTextFile(CONFIG));
  const configuration = { unstable, permissions: { default: permissions } };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(configuration));
  await compile(`${folder}/${name}.ts`, Deno.build.target, `${folder}/${name}.bin`);
  return `${folder}/${name}.bin`;
}
