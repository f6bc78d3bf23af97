/** Mode `stream`: how many bytes a second an echo sends back, with every byte checked. */
import type { Connection } from "../core/duplex.ts";
import { ByteFlow, READ_SIZE } from "./byte_flow.ts";
import { onEach } from "./connections.ts";
import type { Flow } from "./flow.ts";
import { MessageFlow } from "./message_flow.ts";
import { Pattern } from "./pattern.ts";
import { type Dial, type Losses, type Meter, seedOf, type Settings, sumOf } from "./settings.ts";

export interface StreamResult {
  /** Bytes that came back, and the seconds from the first write to the last of them. */
  readonly bytes: number;
  readonly seconds: number;
  readonly losses: Losses | undefined;
}

/** Measures over `settings.connections`, which are all open before the clock starts. */
export async function measureStream(
  dial: Dial,
  settings: Settings,
  meter: Meter,
): Promise<StreamResult> {
  const pattern = new Pattern(Math.max(settings.size, READ_SIZE));
  let start = 0;
  const flows = await onEach(dial, settings.connections, async (connection, i) => {
    const flow = flowOver(connection, settings, pattern, meter, seedOf(i));
    start ||= performance.now();
    await flow.run(start + settings.duration);
    return flow;
  });
  const finished = Math.max(...flows.map((flow) => flow.finished));
  return {
    bytes: meter.count,
    seconds: (finished - start) / 1000,
    losses: sumOf(flows.map((flow) => flow.losses)),
  };
}

function flowOver(
  connection: Connection,
  settings: Settings,
  pattern: Pattern,
  meter: Meter,
  seed: number,
): Flow {
  return connection.framing === "stream"
    ? new ByteFlow(connection, settings, pattern, meter, seed)
    : new MessageFlow(connection, settings, pattern, meter, seed);
}
