/** A `coax control` to measure, and the peers around its proxies. */
import { TextLineStream } from "@std/streams";
import type { Attributes, Stream, ToxicType } from "../../src/faults/toxic.ts";

/** A toxic as the API takes it. */
export interface ToxicRequest {
  readonly type: ToxicType;
  readonly stream?: Stream;
  readonly toxicity?: number;
  readonly attributes?: Attributes;
}

const ROOT = new URL("../../", import.meta.url);

export class Lab implements AsyncDisposable {
  #proxies = 0;
  readonly #listeners: Deno.Listener[] = [];

  private constructor(private readonly child: Deno.ChildProcess, private readonly url: string) {}

  /** Starts `COAX_BIN`, or coax from source. */
  static async start(seed = 1): Promise<Lab> {
    const bin = Deno.env.get("COAX_BIN");
    const source = ["run", "-q", "-P", "--no-prompt", new URL("main.ts", ROOT).pathname];
    const child = new Deno.Command(bin ?? Deno.execPath(), {
      args: [...(bin ? [] : source), "control", "127.0.0.1:0", "--seed", `${seed}`],
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const lines = child.stderr.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    const ready = Promise.withResolvers<string>();
    (async () => {
      for await (const line of lines) {
        const [, url] = /^control on (.*)/.exec(line) ?? [];
        if (url) ready.resolve(url);
      }
      ready.reject(new Error("coax control has ended"));
    })();
    return new Lab(child, await ready.promise);
  }

  /** A TCP server of ours; its port. Errors of its connections are those that toxics make. */
  serve(handle: (conn: Deno.TcpConn) => Promise<void>): string {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#listeners.push(listener);
    (async () => {
      for await (const conn of listener) {
        conn.setNoDelay();
        handle(conn).catch(() => {}).finally(() => closeQuietly(conn));
      }
    })();
    return `127.0.0.1:${listener.addr.port}`;
  }

  /** Makes a proxy with toxics. */
  async proxy(
    upstream: string,
    toxics: readonly ToxicRequest[] = [],
    listen = "127.0.0.1:0",
  ): Promise<Proxy> {
    const name = `p${++this.#proxies}`;
    const body = { name, listen, upstream, toxics };
    const made = await this.ask("POST", "/proxies", body) as { listen: string };
    return new Proxy(this, name, Number(/\d+$/.exec(made.listen)![0]));
  }

  /** One request to the API; its answer's JSON, or undefined where it has none. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = { method, body: body === undefined ? undefined : JSON.stringify(body) };
    const response = await fetch(new URL(path, this.url), init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.child.kill("SIGKILL");
    await this.child.status;
  }
}

/** One proxy, and how its toxics change. */
export class Proxy {
  constructor(
    private readonly lab: Lab,
    private readonly name: string,
    readonly port: number,
  ) {}

  add(toxic: ToxicRequest): Promise<unknown> {
    return this.lab.ask("POST", `/proxies/${this.name}/toxics`, toxic);
  }

  /** Changes attributes of the only toxic of that type, which is downstream. */
  update(type: ToxicType, attributes: Attributes): Promise<unknown> {
    return this.lab.ask("PATCH", `/proxies/${this.name}/toxics/${type}_downstream`, { attributes });
  }

  remove(type: ToxicType): Promise<unknown> {
    return this.lab.ask("DELETE", `/proxies/${this.name}/toxics/${type}_downstream`);
  }

  async connect(): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    conn.setNoDelay();
    return conn;
  }
}

/** Writes all of it. */
export async function send(conn: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await conn.write(data.subarray(at));
}

/** Closes a connection that may be closed. */
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is.
  }
}

/** A server that sends back what it gets. */
export async function echo(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    await send(conn, buffer.subarray(0, n));
  }
}

/** A server that sends `size` bytes as fast as they are taken, and then closes. */
export function source(size = Infinity): (conn: Deno.Conn) => Promise<void> {
  const block = new Uint8Array(64 * 1024);
  return async (conn) => {
    for (let left = size; left > 0; left -= block.length) {
      await send(conn, block.subarray(0, Math.min(left, block.length)));
    }
  };
}
