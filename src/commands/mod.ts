/** All commands, in the order that help shows them. */
import { chat } from "./chat.ts";
import { client } from "./client.ts";
import type { Command } from "./command.ts";
import { completions } from "./completions.ts";
import { echo } from "./echo.ts";
import { explain } from "./explain.ts";
import { helpOn } from "./help.ts";
import { relay } from "./relay.ts";
import { replay } from "./replay.ts";
import { server } from "./server.ts";
import { wait } from "./wait.ts";

export const commands: readonly Command[] = [
  server,
  client,
  echo,
  relay,
  chat,
  wait,
  replay,
  explain,
  completions(() => commands),
  helpOn(() => commands),
];
