/**
 * A JSR of this machine: `deno publish` gives it packages, and `jsr:` imports are loaded from it,
 * with as much of JSR's protocol (https://jsr.io/docs/api) as Deno needs for that.
 */
import { assertEquals } from "@std/assert";
import { sha256 } from "../e2e/peers.ts";

const UPLOAD =
  /^\/api\/scopes\/(?<scope>[\w-]+)\/packages\/(?<name>[\w-]+)\/versions\/(?<version>.+)$/;

export class JsrRegistry implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param folder An empty one, for the packages. */
  constructor(private readonly folder: string) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  /** What Deno needs to use this registry instead of jsr.io. */
  get env(): Record<string, string> {
    return { JSR_URL: `http://127.0.0.1:${this.#server.addr.port}/`, NO_COLOR: "1" };
  }

  /** Publishes the package in a folder; its types are checked elsewhere. */
  async publish(cwd: string): Promise<void> {
    const args = ["publish", "--token", "any", "--allow-dirty", "--no-provenance", "--no-check"];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd,
      env: this.env,
      stdin: "null",
    }).output();
    assertEquals([success, success ? "" : new TextDecoder().decode(stderr)], [true, ""]);
  }

  async #answer(request: Request): Promise<Response> {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const upload = UPLOAD.exec(path)?.groups as Upload | undefined;
    if (upload) return await this.#store(upload, await request.bytes());
    if (path.startsWith("/api/")) return Response.json({}); // The scope and the package exist.
    const type = path.endsWith(".json") ? "application/json" : "text/typescript";
    const file = await Deno.readFile(this.folder + path).catch(() => undefined);
    return file
      ? new Response(file, { headers: { "content-type": type } })
      : new Response("not found", { status: 404 });
  }

  /** Unpacks what was published, and writes the two files that say what there is. */
  async #store({ scope, name, version }: Upload, archive: Uint8Array): Promise<Response> {
    const base = `${this.folder}/@${scope}/${name}`;
    const folder = `${base}/${version}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(`${folder}.tgz`, archive);
    // Deno packs without permissions.
    const unpack = 'tar -xzf "$1.tgz" -C "$1" && chmod -R u+rwX "$1"';
    const { success } = await new Deno.Command("sh", { args: ["-c", unpack, "sh", folder] })
      .output();
    if (!success) return new Response("no archive", { status: 400 });
    const { exports } = JSON.parse(await Deno.readTextFile(`${folder}/deno.json`));
    const detail = {
      exports: typeof exports === "string" ? { ".": exports } : exports,
      manifest: Object.fromEntries(await manifest(folder)),
    };
    const meta = { scope, name, latest: version, versions: { [version]: {} } };
    await Deno.writeTextFile(`${folder}_meta.json`, JSON.stringify(detail));
    await Deno.writeTextFile(`${base}/meta.json`, JSON.stringify(meta));
    const published = { packageScope: scope, packageName: name, packageVersion: version };
    return Response.json({ id: "1", status: "success", error: null, ...published });
  }

  /** Removes what Deno has cached from here, too: another run has another port. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] })
      .output();
    const { modulesCache } = JSON.parse(new TextDecoder().decode(stdout));
    const cached = `${modulesCache}/http/127.0.0.1_PORT${this.#server.addr.port}`;
    await Deno.remove(cached, { recursive: true });
  }
}

interface Upload {
  readonly scope: string;
  readonly name: string;
  readonly version: string;
}

/** Size and digest of each file below a folder, by its path there. */
async function manifest(folder: string, below = ""): Promise<[string, unknown][]> {
  const found: [string, unknown][] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder + below)) {
    const path = `${below}/${name}`;
    if (isDirectory) {
      found.push(...await manifest(folder, path));
    } else {
      const bytes = await Deno.readFile(folder + path);
      found.push([path, { size: bytes.length, checksum: `sha256-${await sha256(bytes)}` }]);
    }
  }
  return found;
}
