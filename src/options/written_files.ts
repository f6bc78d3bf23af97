/** Refuses to write a file that the same command reads, or writes for another option. */
import { UsageError } from "../core/errors.ts";
import type { Arguments } from "../flags/arguments.ts";
import { flagName } from "../flags/flag.ts";
import { operandsOf, type Usage } from "../flags/usage.ts";
import { inputFile } from "../transports/stdio.ts";

/** A file as the command line names it. */
interface NamedFile {
  /** Its option or operand, with its path. */
  readonly name: string;
  /** The same for two names of one file, also through links; undefined for what is no file. */
  readonly identity: string | undefined;
}

type Given = Pick<Arguments, "options" | "operands">;

/** The operand of files that are read. */
const FILE = "FILE";

/**
 * Throws a `UsageError` for an option whose file would be overwritten while it is needed. Devices
 * and FIFOs may be named as often as one likes.
 */
export function checkWrittenFiles(command: Usage, given: Given): void {
  const written = optionFiles(command, given, "written");
  if (written.length === 0) return;
  const others = [
    ...operandsOf(command).flatMap(({ name }, i) => {
      const path = given.operands[i];
      return name === FILE && path !== undefined ? [fileAt(FILE, path)] : [];
    }),
    ...optionFiles(command, given, "read"),
    { name: "stdin", identity: identity(inputFile()) },
  ];
  for (const file of written) {
    const other = others.find(({ identity }) => identity && identity === file.identity);
    if (other) throw new UsageError(file.name, `the same file as ${other.name}`);
    others.push(file);
  }
}

/** The files of a command's options that are read, or written. */
function optionFiles({ flags }: Usage, { options }: Given, use: "read" | "written"): NamedFile[] {
  return Object.entries(flags).flatMap(([key, { file, lone }]) => {
    const paths = file === use ? [options[key] ?? []].flat() as string[] : [];
    return paths.filter((path) => path !== lone).map((path) => fileAt(`--${flagName(key)}`, path));
  });
}

function fileAt(name: string, path: string): NamedFile {
  return { name: `${name} ${path}`, identity: identityOf(path) };
}

function identityOf(path: string): string | undefined {
  try {
    const info = Deno.statSync(path);
    if (!info.isFile) return undefined;
    return identity(info) ?? Deno.realPathSync(path);
  } catch (error) {
    // Whoever opens it says why it can't be used.
    return error instanceof Deno.errors.NotFound ? path : undefined;
  }
}

/** Undefined also on a system that numbers no files. */
function identity(file?: { dev: number; ino: number | null }): string | undefined {
  return file && file.ino !== null ? `${file.dev} ${file.ino}` : undefined;
}
