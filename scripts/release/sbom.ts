// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Writes what compiled programs are made of, as a CycloneDX 1.6 document: `deno task sbom FILE...`
 * writes `dist/coax.cdx.json`. The same files give the same document.
 */
import { createHash } from "node:crypto";
import config from "../../deno.json" with { type: "json" };
import { bundled } from "./sbom/bundled.ts";
import { type Component, licenses } from "./sbom/component.ts";
import { runtime } from "./sbom/runtime.ts";

const OUTPUT = new URL("../../dist/coax.cdx.json", import.meta.url);

/** The document of the programs, by their files' names. */
export async function sbom(programs: ReadonlyMap<string, Uint8Array>) {
  const packages = await bundled();
  const deno = runtime([...programs.values()]);
  const files = [...programs].map(([name, bytes]) => file(name, bytes));
  const coax: Component = {
    type: "application",
    "bom-ref": "coax",
    name: "coax",
    version: config.version,
    licenses: licenses(config.license),
  };
  const roots = [...packages.roots, ...deno.roots].sort();
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { lifecycles: [{ phase: "build" }], component: { ...coax, components: files } },
    components: [...packages.components, ...deno.components],
    dependencies: [
      { ref: "coax", dependsOn: roots },
      ...packages.dependencies,
      ...deno.dependencies,
    ],
    compositions: [
      { aggregate: "complete", dependencies: packages.components.map((part) => part["bom-ref"]) },
      { aggregate: "incomplete", dependencies: deno.roots },
    ],
  };
}

function file(name: string, bytes: Uint8Array): Component {
  const content = createHash("sha256").update(bytes).digest("hex");
  return { type: "file", "bom-ref": `file:${name}`, name, hashes: [{ alg: "SHA-256", content }] };
}

async function main(paths: readonly string[]): Promise<void> {
  const name = (path: string) => path.replace(/.*\//, "");
  const programs = await Promise.all(
    paths.map(async (path) => [name(path), await Deno.readFile(path)] as const),
  );
  const document = await sbom(new Map(programs));
  await Deno.writeTextFile(OUTPUT, JSON.stringify(document, null, 2) + "\n");
  console.error(`sbom: dist/coax.cdx.json, ${document.components.length} components`);
}

if (import.meta.main) {
  if (Deno.args.length === 0) {
    console.error("usage: deno task sbom FILE...");
    Deno.exit(2);
  }
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(`sbom: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
