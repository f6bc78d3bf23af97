/** All commands, in the order that help shows them. */
import { bench } from "./bench.ts";
import { client } from "./client.ts";
import type { Command } from "./command.ts";
import { echo } from "./echo.ts";
import { relay } from "./relay.ts";
import { server } from "./server.ts";
import { wait } from "./wait.ts";

export const commands: readonly Command[] = [server, client, echo, relay, wait, bench];
