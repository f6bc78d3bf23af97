/** WebSocket echoes: coax beside the `ws` package on Node. */
import type { Contender, Experiment } from "../experiment.ts";
import { freePort, type Lab } from "../lab.ts";

const WS = "ws on Node";

/** Connections at once. */
const CONNECTIONS = 16;

/** Starts an echo of the `ws` package, and resolves with its port. */
async function wsEcho(lab: Lab): Promise<number> {
  const port = freePort();
  const bundle = `${lab.folder}/ws_echo.cjs`;
  const source = new URL("../ws_echo.ts", import.meta.url).pathname;
  const options = ["--quiet", "--format", "cjs", "--output", bundle];
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, source],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the ws package can't be bundled");
  await lab.start("node", [bundle, `${port}`], port);
  return port;
}

async function coaxEcho(lab: Lab): Promise<number> {
  const port = freePort();
  await lab.start(lab.coax, ["echo", "-q", `ws://127.0.0.1:${port}`], port);
  return port;
}

/** The least that coax's rate may be of that of `ws`, if a bar is set. */
function echo(name: string, size: number, deflate: boolean, least?: number): Experiment {
  return {
    rows: [{
      name: `WebSocket echo, ${name}${deflate ? ", compressed" : ""}`,
      unit: "/s",
      better: "more",
      bars: least === undefined ? {} : { [WS]: least },
    }],
    about: `${CONNECTIONS} clients send a message of ${name} each, and the next once it is back, ` +
      "over the C library's calls, to leave the cores to the echo; its first answer is compared " +
      "byte by byte. " +
      (deflate
        ? "Both sides compress each text of 1 KiB and more anew (permessage-deflate without context " +
          "takeover, zlib's level 3); the client compresses the short one, too."
        : "Messages are binary, and not compressed."),
    async setUp(lab) {
      const endpoints = await lab.endpoints();
      const ports = { "coax": await coaxEcho(lab), [WS]: await wsEcho(lab) };
      const seconds = lab.quick ? 0.5 : 1.5;
      const load = { size, connections: CONNECTIONS, seconds, deflate };
      return Object.entries(ports).map(([name, port]): Contender => ({
        name,
        run: () => endpoints.run({ job: "webSocketEchoes", port, ...load }),
      }));
    },
  };
}

export const webSocket: readonly Experiment[] = [
  echo("64 B", 64, false, 0.8),
  echo("64 KiB", 65_536, false, 0.95),
  echo("64 B", 64, true, 0.8),
  echo("64 KiB", 65_536, true, 0.95),
];
