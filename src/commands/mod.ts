/** All commands, in the order that help shows them. */
import { client } from "./client.ts";
import type { Command } from "./command.ts";
import { completions } from "./completions.ts";
import { echo } from "./echo.ts";
import { explain } from "./explain.ts";
import { helpOn } from "./help.ts";
import { relay } from "./relay.ts";
import { server } from "./server.ts";
import { wait } from "./wait.ts";

export const commands: readonly Command[] = [
  server,
  client,
  echo,
  relay,
  wait,
  explain,
  completions(() => commands),
  helpOn(() => commands),
];
