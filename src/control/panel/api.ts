/// <reference lib="dom" />
/** The control's API, as this page asks it. */
import { parseEvents, type RecordedEvent } from "../../record/event.ts";
import { EventStreamParser } from "./event_stream.ts";
import type {
  ClosedConnection,
  Connection,
  LogEvent,
  Proxy,
  ReplayLine,
  Sums,
  Toxic,
} from "./wire.ts";

/** An answer that isn't a success. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** What `GET /events` tells. */
export interface Told {
  /** The stream has begun. */
  opened(): void;
  sums(sums: Sums): void;
  log(event: LogEvent): void;
  /** A piece of the stream was taken. */
  taken(): void;
}

export class Api {
  /** What `Authorization: Bearer` has; empty for nothing. */
  token = "";

  async proxies(): Promise<Proxy[]> {
    return Object.values(await this.#json("GET", "/proxies") as Record<string, Proxy>);
  }

  /** The open connections; with `closed` those before them that are over and kept. */
  async connections(closed: boolean): Promise<(Connection | ClosedConnection)[]> {
    const path = `/connections${closed ? "?closed" : ""}`;
    return await this.#json("GET", path) as (Connection | ClosedConnection)[];
  }

  async addProxy(proxy: Pick<Proxy, "name" | "listen" | "upstream">): Promise<void> {
    await this.#json("POST", "/proxies", proxy);
  }

  async enable(name: string, enabled: boolean): Promise<void> {
    await this.#json("PATCH", proxyPath(name), { enabled });
  }

  async removeProxy(name: string): Promise<void> {
    await this.#json("DELETE", proxyPath(name));
  }

  async addToxic(proxy: string, toxic: Toxic): Promise<void> {
    await this.#json("POST", `${proxyPath(proxy)}/toxics`, toxic);
  }

  async updateToxic(
    proxy: string,
    name: string,
    change: Partial<Pick<Toxic, "toxicity" | "attributes">>,
  ): Promise<void> {
    await this.#json("PATCH", toxicPath(proxy, name), change);
  }

  async removeToxic(proxy: string, name: string): Promise<void> {
    await this.#json("DELETE", toxicPath(proxy, name));
  }

  async close(id: number, how: "cut" | "reset"): Promise<void> {
    await this.#json("DELETE", `/connections/${id}${how === "reset" ? "?reset" : ""}`);
  }

  /** Tells what happens until the control ends it. Rejects as a request does. */
  async watch(told: Told): Promise<void> {
    const response = await this.#ask("GET", "/events?sample");
    told.opened();
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventStreamParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const { event, data } of parser.push(value)) {
        if (event === "sums") told.sums(JSON.parse(data));
        else if (event === "log") told.log(JSON.parse(data));
      }
      told.taken();
      // What waits is read in turns, between which the page is drawn and answers its reader.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /**
   * Gives the events of one connection to `take`: what the control has kept of them, then each that
   * comes. Resolves when it is over; rejects as a request does, also when `signal` aborts.
   */
  async record(
    id: number,
    take: (events: RecordedEvent[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await this.#ask("GET", `/recording?connection=${id}`, undefined, signal);
    await readLines(response, (lines) => take(lines.flatMap(parseEvents)));
  }

  /** Gives the recording of a proxy to `take`, as it grows, until the control ends it. */
  async recordProxy(
    name: string,
    take: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const path = `/recording?proxy=${encodeURIComponent(name)}`;
    const { body } = await this.#ask("GET", path, undefined, signal);
    for await (const bytes of body!) take(bytes);
  }

  /** Plays a recording through a proxy, and gives the results to `take` as they come. */
  async replay(
    proxy: string,
    recording: Uint8Array<ArrayBuffer>,
    take: (line: ReplayLine) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const path = `/replay?proxy=${encodeURIComponent(proxy)}&speed=max`;
    const response = await this.#ask("POST", path, new Blob([recording]), signal);
    await readLines(response, (lines) => lines.forEach((line) => take(JSON.parse(line))));
  }

  async #json(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#ask(method, path, body);
    return response.status === 204 ? undefined : await response.json();
  }

  async #ask(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = {};
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    const isJson = body !== undefined && !(body instanceof Blob);
    if (isJson) headers["Content-Type"] = "application/json";
    const content = isJson ? JSON.stringify(body) : body as Blob | undefined;
    const response = await fetch(path, { method, headers, body: content, signal });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({}));
    throw new ApiError(response.status, error ?? response.statusText);
  }
}

/** Gives the lines of an answer to `take`, as they come, but for those that are empty. */
async function readLines(response: Response, take: (lines: string[]) => void): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop()!;
    take(lines.filter((line) => line !== ""));
    // Between two pieces the page is drawn and answers its reader.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function proxyPath(name: string): string {
  return `/proxies/${encodeURIComponent(name)}`;
}

function toxicPath(proxy: string, name: string): string {
  return `${proxyPath(proxy)}/toxics/${encodeURIComponent(name)}`;
}
