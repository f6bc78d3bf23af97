/** A folder in which a section's commands run as a reader's shell would, on ports of their own. */
import { assert, assertMatch } from "@std/assert";
import { withTimeout } from "../../src/core/time.ts";
import { type Command, patternOf, type Section, type Step } from "../docs/page.ts";
import { Coax, DEADLINE } from "./coax.ts";
import { Workspace } from "./workspace.ts";

/** Commands that print a line once they accept connections. */
const LISTENER = /^(coax (server|echo|relay|chat|control|replay \S+ --serve)|deno|nats-server)\b/;
const READY = /listening on|Server is ready/;
/** The same for a control, which may begin with proxies that listen. */
const CONTROL_READY = /control on/;

/** Runs all steps of a section in order; background commands are killed at its end. */
export async function runSection({ steps }: Section): Promise<void> {
  await using sandbox = await Sandbox.make();
  for (const step of steps) await sandbox.do(step);
}

type Block = Extract<Step, { kind: "commands" }>;

/** Runs one block as it runs when it is pasted into a shell, with jobs in the background. */
export function pasteBlock(block: Block): Promise<void> {
  return pasteSection({ heading: "", steps: [block] });
}

/** Runs all blocks of a section so, one after the other in the same shell. */
export async function pasteSection({ steps }: Section): Promise<void> {
  await using sandbox = await Sandbox.make();
  for (const step of steps) if (step.kind === "file") await sandbox.do(step);
  const blocks = steps.filter((step) => step.kind === "commands");
  const texts = blocks.map(({ commands }) =>
    commands.map(({ line, background }) => background ? `${line} &` : line).join("\n")
  );
  // A line of its own for what comes next: not every block's output ends with one.
  await sandbox.paste(texts.join("\necho\n"), blocks.map(({ printed }) => printed ?? "").join(""));
}

class Sandbox implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #background: Coax[] = [];

  private constructor(readonly workspace: Workspace) {
    this.#stack.use(workspace);
  }

  static async make(): Promise<Sandbox> {
    return new Sandbox(await Workspace.make());
  }

  async do(step: Step): Promise<void> {
    if (step.kind === "file") {
      return await this.workspace.write(step.name, step.text);
    }
    let out = "";
    for (const command of step.commands) out += await this.#run(command);
    if (step.printed === undefined) return;
    const pattern = patternOf(this.workspace.here(step.printed));
    if (step.commands.some(({ background }) => !background)) return assertMatch(out, pattern);
    await this.#background.at(-1)!.prints(pattern);
  }

  /**
   * Runs a text in one shell, whose jobs are ended with it. What the jobs say stands between the
   * lines that are expected, as it does in a terminal.
   */
  async paste(text: string, printed: string | undefined): Promise<void> {
    const here = this.workspace.here(text);
    await using shell = this.#shell(`trap 'kill $(jobs -p) 2> /dev/null' EXIT\n${here}`);
    const { status, out, stderr } = await shell.exit();
    assert(status === 0, `${here}: status ${status}\n${out}\n${stderr}`);
    const lines = `${out}\n${stderr}`.split("\n");
    for (const line of this.workspace.here(printed ?? "").split("\n")) {
      const pattern = patternOf(line);
      assert(lines.some((shown) => pattern.test(shown)), `${line}: not in\n${out}\n${stderr}`);
    }
  }

  #shell(script: string): Coax {
    return Coax.spawn(["bash", "-c", script], {
      cwd: this.workspace.path,
      env: this.workspace.env,
    });
  }

  /** Runs one command; returns its output if it has exited. */
  async #run({ line, background }: Command): Promise<string> {
    const [, waits, job] = /^(wait)(?: %(\d+))?$/.exec(line) ?? [];
    if (waits) {
      const processes = job ? [this.#background[+job - 1]!] : this.#background;
      await Promise.all(processes.map((process) => process.exit()));
      return "";
    }
    const here = this.workspace.here(line);
    const script = background ? `exec 2>&1; exec ${here}` : `exec 2>&1\n${here}`;
    const process = this.#shell(script);
    this.#stack.use(process);
    if (!background) {
      const { status, out } = await process.exit().catch((error) => {
        throw new Error(`${here}: ${error.message}\n${process.out}`);
      });
      assert(status === 0, `${here}: status ${status}\n${out}`);
      return out;
    }
    this.#background.push(process);
    if (LISTENER.test(line)) await this.#ready(process, line);
    return "";
  }

  async #ready(process: Coax, line: string): Promise<void> {
    const log = /2> (\S+)/.exec(line)?.[1];
    const ready = /\bcontrol\b/.test(line) ? CONTROL_READY : READY;
    if (log === undefined) return void await process.prints(ready);
    const look = async () => {
      while (
        !ready.test(await Deno.readTextFile(`${this.workspace.path}/${log}`).catch(() => ""))
      ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await withTimeout(look(), DEADLINE, () => new Error(`${log}: nothing is ready`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
