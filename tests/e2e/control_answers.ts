/** What `fetch` hides of a control: an answer as bytes, and one without an end by its lines. */
import type { ControlProcess } from "./control.ts";
import { connectTo, receiveText, send, soon } from "./peers.ts";

/** Sends the bytes of a request, and resolves with all of its answer. */
export async function rawAnswer({ url }: ControlProcess, request: string): Promise<string> {
  using conn = await connectTo(url);
  await send(conn, request);
  return await receiveText(conn);
}

/** The status of an answer's bytes. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** The JSON of an answer's bytes. */
// deno-lint-ignore no-explicit-any -- what it should be, the tests say
export function jsonOf(answer: string): any {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
}

/** The lines of an answer that grows. */
export class Lines implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    const decoder = new TextDecoderStream() as TransformStream<Uint8Array, string>;
    this.#reader = body.pipeThrough(decoder).getReader();
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<Lines> {
    const response = await fetch(url, { headers });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new Lines(response.body!);
  }

  /** The lines that a connection receives. */
  static from(body: ReadableStream<Uint8Array<ArrayBuffer>>): Lines {
    return new Lines(body);
  }

  /** The next line; undefined at the end. */
  async next(): Promise<string | undefined> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await soon(this.#reader.read(), "a line");
      if (done) return undefined;
      this.#text += value;
    }
    const [line] = this.#text.split("\n", 1);
    this.#text = this.#text.slice(line!.length + 1);
    return line;
  }

  /** The data of the next event of that name whose data matches. */
  // deno-lint-ignore no-explicit-any -- what it should be, the tests say
  event(name: string, matches: (data: any) => boolean = () => true): Promise<any> {
    return soon(this.#event(name, matches), `an event ${name}`);
  }

  async #event(name: string, matches: (data: unknown) => boolean): Promise<unknown> {
    for (let event = "", line = await this.next(); line !== undefined; line = await this.next()) {
      if (line.startsWith("event: ")) event = line.slice("event: ".length);
      if (!line.startsWith("data: ") || event !== name) continue;
      const data = JSON.parse(line.slice("data: ".length));
      if (matches(data)) return data;
    }
    throw new Error(`the end came before such an event: ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
