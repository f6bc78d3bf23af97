/** Ladder diagrams of what was recorded. */
import { Coax, run, temporary } from "../../tests/e2e/coax.ts";
import { Ports } from "./ports.ts";

export interface LadderOptions {
  /** `en` by default. */
  readonly lang?: string;
  /** Whether each kind of arrow is explained where it is first seen; true by default. */
  readonly explain?: boolean;
}

/** The picture of a recording, as `coax replay --svg` makes it. */
export async function ladderOf(recording: string, options: LadderOptions = {}): Promise<string> {
  const { lang = "en", explain = true } = options;
  const flags = ["--svg", "--lang", lang, ...explain ? ["--explain"] : []];
  const { status, out, stderr } = await run(["replay", recording, ...flags]);
  if (status !== 0) throw new Error(stderr.trim());
  return out;
}

const REQUEST = "GET / HTTP/1.0\\r\\nHost: example.org\\r\\n\\r\\n";
const ANSWER = "HTTP/1.0 200 OK\r\n\r\nHello from the target.\n";

/** A request through a relay that records it; the answer comes after the client's FIN. */
export async function ladder(): Promise<string> {
  await using folder = await temporary();
  const recording = `${folder.path}/relay.jsonl`;
  const ports = new Ports();
  const [port, targetPort] = [ports.take("9000"), ports.take("8080")];
  using listener = Deno.listen({ hostname: "127.0.0.1", port: Number(targetPort) });
  const answered = answerOne(listener);
  const addresses = [`127.0.0.1:${port}`, `127.0.0.1:${targetPort}`];
  await using relay = Coax.start(["relay", "--once", ...addresses, "--record", recording]);
  const client = await run(["client", await relay.address(), "--send", REQUEST]);
  if (client.status !== 0) throw new Error(client.stderr.trim());
  await Promise.all([answered, relay.exit()]);
  await Deno.writeTextFile(recording, ports.named(await Deno.readTextFile(recording)));
  return await ladderOf(recording);
}

/** Reads all that one client sends, then answers and closes. */
async function answerOne(listener: Deno.Listener): Promise<void> {
  using conn = await listener.accept();
  const buffer = new Uint8Array(1024);
  while (await conn.read(buffer) !== null);
  await conn.write(new TextEncoder().encode(ANSWER));
}
