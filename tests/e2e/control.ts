/** A control as a process, and requests to it. */
import { assertEquals } from "@std/assert";
import { Coax, type StartOptions } from "./coax.ts";
import { soon } from "./peers.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A proxy as the API shows it. */
export interface ShownProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string; readonly type: string }[];
}

/** A connection as `GET /connections` shows it. */
export interface ShownConnection {
  readonly id: number;
  readonly proxy: string;
  readonly peer: string;
  readonly target: string;
  readonly state: string;
  readonly since: string;
  readonly sent: number;
  readonly received: number;
  readonly toxics: readonly string[];
}

/** A running `coax control`, or a relay with `--control`; `await using` kills it. */
export class ControlProcess implements AsyncDisposable {
  private constructor(readonly coax: Coax, readonly url: string) {}

  /** Starts `coax control` on a free port with these arguments. */
  static start(...args: string[]): Promise<ControlProcess> {
    return ControlProcess.of(["control", "127.0.0.1:0", ...args]);
  }

  /** Starts coax with these arguments, and waits until its control is ready. */
  static async of(args: readonly string[], options?: StartOptions): Promise<ControlProcess> {
    const coax = Coax.start(args, options);
    try {
      const [, url] = await coax.logs(/^control on (http:.*)\/\n/m);
      return new ControlProcess(coax, url!);
    } catch (error) {
      await coax[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Sends a request; a body that is no text is sent as JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const asked = fetch(this.url + path, { method, body: text });
    const response = await soon(asked, `${method} ${path}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** The JSON of an answer, whose status must be `status`. */
  async json<T>(status: number, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body);
    assertEquals(answer.status, status, `${method} ${path}: ${answer.text}`);
    return JSON.parse(answer.text);
  }

  /** Makes a proxy. */
  proxy(name: string, upstream: string, more: Record<string, unknown> = {}): Promise<ShownProxy> {
    const listen = "127.0.0.1:0";
    return this.json(201, "POST", "/proxies", { name, listen, upstream, ...more });
  }

  connections(proxy?: string): Promise<ShownConnection[]> {
    return this.json(200, "GET", `/connections${proxy ? `?proxy=${proxy}` : ""}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.coax[Symbol.asyncDispose]();
  }
}
