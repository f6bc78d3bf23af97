/** Sends two files at once, in opposite directions, through two relays. */
import type { Coax } from "./process.ts";
import { command, type Demo, good, heading, print } from "./demo.ts";

const MiB = 2 ** 20;
const SIZE = 64 * MiB;

/** Rejects unless both files arrive whole and every process exits with status 0. */
export async function transfer(demo: Demo): Promise<void> {
  heading("Two random files of 64 MiB, one each way at the same time");
  const [upload, download] = await Promise.all([
    randomFile(`${demo.folder}/upload`),
    randomFile(`${demo.folder}/download`),
  ]);
  const { client, server, processes } = await chain(demo);
  const began = performance.now();
  const streams = Promise.all([
    feed(upload, client),
    feed(download, server),
    store(server, `${upload}.received`),
    store(client, `${download}.received`),
  ]);
  streams.catch(() => {}); // A failed process has the better message, from `finish`.
  await Promise.all(processes.map((process) => process.finish()));
  await streams;
  const seconds = (performance.now() - began) / 1000;

  print();
  await compare("client → server", upload);
  await compare("server → client", download);
  const rate = 2 * SIZE / 1e6 / seconds;
  print(
    `\n  128 MiB in ${seconds.toFixed(2)} s: ${
      good(`${rate.toFixed(0)} MB/s`)
    }, both ways together`,
  );
}

/** client → relay → relay → server: TCP, then a Unix socket, then TCP. */
async function chain(demo: Demo) {
  const start = (name: string, ...args: string[]) => {
    command(`coax ${args.join(" ")}`);
    return demo.start(name, ...args);
  };
  const server = start("server", "server", "127.0.0.1:0");
  const target = await bound(server);
  const unixRelay = start("relay", "relay", "--once", `unix:${demo.folder}/socket`, target);
  const socket = await bound(unixRelay);
  const tcpRelay = start("relay", "relay", "--once", "127.0.0.1:0", socket);
  const client = start("client", "client", "-v", await bound(tcpRelay));
  await client.event("connected");
  return { client, server, processes: [client, tcpRelay, unixRelay, server] };
}

async function bound(process: Coax): Promise<string> {
  return (await process.event("listening")).address!;
}

async function randomFile(path: string): Promise<string> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const bytes = new Uint8Array(MiB);
  for (let written = 0; written < SIZE; written += MiB) {
    for (let at = 0; at < MiB; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
  }
  return path;
}

async function feed(path: string, { stdin }: Coax): Promise<void> {
  await (await Deno.open(path)).readable.pipeTo(stdin);
}

async function store({ stdout }: Coax, path: string): Promise<void> {
  await stdout.pipeTo((await Deno.create(path)).writable);
}

/** Prints the digests of a file and of its copy. Rejects unless they are equal. */
async function compare(way: string, path: string): Promise<void> {
  const sent = await sha256(path);
  const received = await sha256(`${path}.received`);
  print(`  ${way}  sent      sha256 ${sent}`);
  print(`  ${" ".repeat(way.length)}  received  sha256 ${received}`);
  if (sent !== received) throw new Error(`${way}: what arrived is not what was sent`);
}

async function sha256(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}
