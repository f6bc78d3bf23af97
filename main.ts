import { keepIdleTimers } from "./src/core/deadlines.ts";
import { main } from "./src/cli/main.ts";

keepIdleTimers();
Deno.exit(await main(Deno.args));
