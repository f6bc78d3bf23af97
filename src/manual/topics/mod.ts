/** All topics of `coax help`. */
import { addresses } from "./addresses.ts";
import { exitStatus } from "./exit_status.ts";
import { keys } from "./keys.ts";
import { recipes } from "./recipes.ts";
import type { Topic } from "./topic.ts";
import { toxics } from "./toxics.ts";

export const topics: readonly Topic[] = [addresses, exitStatus, keys, recipes, toxics];
