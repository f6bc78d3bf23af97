/** HTTP with a program in C at each end: nginx answers, wrk asks. */
import { freePort, type Lab } from "../lab.ts";
import { numberIn, outputOf } from "../program.ts";

/** 64 bytes, the answer to every request. */
const ANSWER = "*".repeat(64);

/** Starts an nginx with one process that answers at once, and resolves with its port. */
export async function serveWeb(lab: Lab): Promise<number> {
  const port = freePort();
  await startNginx(
    lab,
    port,
    `http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path . ; proxy_temp_path . ; fastcgi_temp_path . ;
  uwsgi_temp_path . ; scgi_temp_path . ;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { return 200 "${ANSWER}"; }
  }
}
`,
  );
  return port;
}

/** Starts nginx in one process, which dies with the lab, for the blocks of a configuration. */
export async function startNginx(lab: Lab, port: number, blocks: string): Promise<void> {
  const file = `${lab.folder}/nginx-${port}.conf`;
  await Deno.writeTextFile(
    file,
    `daemon off;
master_process off;
pid nginx-${port}.pid;
${blocks}
events { worker_connections 16384; }
`,
  );
  await lab.start("nginx", ["-e", "stderr", "-p", lab.folder, "-c", file], port);
}

export interface Requests {
  /** Connections at once. */
  readonly connections: number;
  /** Whether each connection is for one request. */
  readonly close: boolean;
  /** Whole seconds. */
  readonly seconds: number;
}

export interface Answers {
  /** Answers a second. */
  readonly rate: number;
  /** Times from request to answer, µs. */
  readonly p50: number;
  readonly p99: number;
}

/** Asks again over each connection once it has its answer. Rejects if one is lost. */
export async function ask(
  port: number,
  { connections, close, seconds }: Requests,
): Promise<Answers> {
  // Whole seconds without an answer are a busy machine's fault; one that is lost ends in an error.
  const header = close ? ["--header", "Connection: close"] : [];
  const load = [
    "--threads",
    "1",
    "--connections",
    `${connections}`,
    "--duration",
    `${seconds}s`,
    "--timeout",
    "10s",
  ];
  const output = await outputOf("wrk", [
    ...load,
    ...header,
    "--latency",
    `http://127.0.0.1:${port}/`,
  ]);
  return answersOf(output);
}

/** What wrk's report says. Throws if it tells of an error or of no answer at all. */
export function answersOf(output: string): Answers {
  const trouble = /Socket errors:.*|Non-2xx.*/.exec(output)?.[0];
  if (trouble !== undefined) throw new Error(`wrk: ${trouble}`);
  const rate = numberIn(output, /^Requests\/sec:\s+([\d.]+)/m);
  if (rate === 0) throw new Error("wrk: not a single answer");
  return { rate, p50: percentile(output, 50), p99: percentile(output, 99) };
}

/** Microseconds in each unit of wrk's. */
const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 60e6 };

function percentile(output: string, percent: number): number {
  const [, number, unit] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, "m")
    .exec(output) ?? [];
  if (unit === undefined) throw new Error(`wrk: no time for ${percent} % in:\n${output}`);
  return Number(number) * UNITS[unit]!;
}
