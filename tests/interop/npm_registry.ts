/** An npm registry of this machine alone, and users of it. */
import { assertEquals } from "@std/assert";
import { Coax, type Exit, type StartOptions, temporary } from "../e2e/coax.ts";
import { unusedPort } from "../support/ports.ts";
import type { NpmTools } from "./npm_tools.ts";

/** Without uplinks: what isn't published here, isn't there. */
const CONFIG = `
storage: ./storage
uplinks: {}
packages: { "**": { access: $all, publish: $all } }
max_body_size: 500mb
web: { enable: false }
log: { type: stdout, format: pretty, level: warn }
`;

/** What npm may take, milliseconds: it packs and unpacks up to 100 MB. */
const NPM_DEADLINE = 120_000;

/** A running registry; disposing ends it and removes its folder. */
export class NpmRegistry implements AsyncDisposable {
  private constructor(
    /** A folder for the test. */
    readonly folder: string,
    private readonly env: Record<string, string>,
    private readonly resources: AsyncDisposableStack,
  ) {}

  static async start({ bin, verdaccio }: NpmTools): Promise<NpmRegistry> {
    await using resources = new AsyncDisposableStack();
    const { path } = resources.use(await temporary());
    const host = `127.0.0.1:${unusedPort()}`;
    await Deno.writeTextFile(`${path}/verdaccio.yaml`, CONFIG);
    const words = [`${bin}/node`, verdaccio, "--config", `${path}/verdaccio.yaml`];
    const server = resources.use(Coax.spawn([...words, "--listen", `http://${host}`]));
    await server.prints(/http address/, NPM_DEADLINE);
    // npm publishes only with a token; the registry takes any.
    const settings = `registry=http://${host}/\n//${host}/:_authToken=any\nupdate-notifier=false\n`;
    await Deno.writeTextFile(`${path}/.npmrc`, settings);
    const env = {
      PATH: `${path}/global/bin:${bin}:${Deno.env.get("PATH")}`,
      npm_config_userconfig: `${path}/.npmrc`,
      npm_config_prefix: `${path}/global`,
      npm_config_cache: `${path}/cache`,
    };
    return new NpmRegistry(path, env, resources.move());
  }

  /** Starts a line of a shell, in an empty folder of a user of this registry. */
  async start(line: string, options: StartOptions = {}): Promise<Coax> {
    const cwd = await Deno.makeTempDir({ dir: this.folder });
    return Coax.spawn(["sh", "-c", line], { cwd, env: this.env, ...options });
  }

  /** Runs such a line to its end. */
  async run(line: string, options: StartOptions = {}): Promise<Exit> {
    await using process = await this.start(line, options);
    return await process.exit(NPM_DEADLINE);
  }

  /** Publishes archives, one after the other. */
  async publish(archives: readonly string[]): Promise<void> {
    for (const archive of archives) {
      const { status, stderr } = await this.run(`npm publish --silent ${archive}`);
      assertEquals([status, stderr], [0, ""]);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resources.disposeAsync();
  }
}
