/** Every experiment, in the order of the table. */
import type { Experiment } from "../experiment.ts";
import { cores } from "./cores.ts";
import { curves } from "./curves.ts";
import { growth } from "./growth.ts";
import { layers } from "./layers.ts";
import { memory } from "./memory.ts";
import { pipes } from "./pipes.ts";
import { recordings } from "./recordings.ts";
import { relay } from "./relay.ts";
import { requests } from "./requests.ts";
import { startUp } from "./start_up.ts";
import { tls } from "./tls.ts";
import { udp } from "./udp.ts";
import { webSocket } from "./web_socket.ts";

export const experiments: readonly Experiment[] = [
  ...relay,
  ...requests,
  ...cores,
  ...tls,
  ...layers,
  ...webSocket,
  ...pipes,
  ...udp,
  ...memory,
  startUp,
  ...curves,
  ...growth,
  recordings,
];
