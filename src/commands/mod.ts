/**
 * All commands, in the order in which help shows them. Each is loaded when it is used, so that no
 * start-up waits for the modules of another command.
 */
import type { Command } from "./command.ts";

type Load = () => Promise<Command>;

const LOADS: ReadonlyMap<string, Load> = new Map<string, Load>([
  ["server", async () => (await import("./server.ts")).server],
  ["client", async () => (await import("./client.ts")).client],
  ["echo", async () => (await import("./echo.ts")).echo],
  ["relay", async () => (await import("./relay.ts")).relay],
  ["chat", async () => (await import("./chat.ts")).chat],
  ["wait", async () => (await import("./wait.ts")).wait],
  ["bench", async () => (await import("./bench.ts")).bench],
  ["replay", async () => (await import("./replay.ts")).replay],
  ["control", async () => (await import("./control.ts")).control],
  ["gate", async () => (await import("./gate.ts")).gate],
  ["explain", async () => (await import("./explain.ts")).explain(loadCommands)],
  ["completions", async () => (await import("./completions.ts")).completions],
  ["help", async () => (await import("./help.ts")).helpOn(loadCommands)],
]);

export const commandNames: readonly string[] = [...LOADS.keys()];

/** Loads the command of that name, if there is one. */
export function loadCommand(name: string): Promise<Command> | undefined {
  return LOADS.get(name)?.();
}

/** Loads every command. */
export function loadCommands(): Promise<Command[]> {
  return Promise.all([...LOADS.values()].map((load) => load()));
}
