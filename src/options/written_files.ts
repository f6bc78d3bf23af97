/** Refuses to write a file that the same command reads, or writes for another option. */
import { UsageError } from "../core/errors.ts";
import type { Arguments } from "../flags/arguments.ts";
import { type Flag, flagName } from "../flags/flag.ts";
import { STANDARD_STREAM } from "../flags/kinds.ts";
import { operandsOf, type Usage } from "../flags/usage.ts";
import { openFile } from "../transports/stdio.ts";

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

/** A file's address, with its path. */
const ADDRESS = /^file(?:\+read|\+append)?:(.*)$/is;

/**
 * Throws a `UsageError` for an option or address whose file would be overwritten, or grow, while it
 * is needed. Devices and FIFOs may be named as often as one likes.
 */
export function checkWrittenFiles(command: Usage, given: Given): void {
  const addresses = addressFiles(given);
  const appended = addresses.filter(({ name }) => !/^file\+read:/i.test(name));
  const written = optionFiles(command, given, "written");
  const read = [
    ...operandsOf(command).flatMap(({ name }, i) => {
      const path = given.operands[i];
      return name === FILE && path !== undefined && path !== STANDARD_STREAM
        ? [fileAt(FILE, path)]
        : [];
    }),
    ...addresses.filter((file) => !appended.includes(file)),
    ...optionFiles(command, given, "read"),
    ...optionFiles(command, given, "@read"),
  ];
  if (read.length + appended.length + written.length === 0) return;
  const others = [...read, stream("stdin", 0)];
  for (const file of [...appended, ...written]) {
    refuseSame(file, others);
    others.push(file);
  }
  // Lines may stand behind what else is appended, so only what is read or begun anew is at risk.
  const alsoRead = addresses.filter(({ name }) => !/^file\+append:/i.test(name));
  for (const file of [...read, ...alsoRead, ...written]) refuseSame(file, [stream("stdout", 1)]);
  for (const file of written) refuseSame(file, [stream("stderr", 2)]);
}

function refuseSame(file: NamedFile, others: readonly NamedFile[]): void {
  const other = others.find(({ identity }) => identity && identity === file.identity);
  if (other) throw new UsageError(file.name, `the same file as ${other.name}`);
}

function stream(name: string, descriptor: 0 | 1 | 2): NamedFile {
  return { name, identity: identity(openFile(descriptor)) };
}

/** The files that are connections. */
function addressFiles({ operands }: Given): NamedFile[] {
  return operands.flatMap((text) => {
    const path = ADDRESS.exec(text)?.[1]?.replace(/^\/{3,}/, "/");
    return path ? [{ name: text, identity: identityOf(path) }] : [];
  });
}

/** The files of a command's options that have this use. */
function optionFiles(
  { flags }: Usage,
  { options }: Given,
  use: Flag<unknown>["file"],
): NamedFile[] {
  return Object.entries(flags).flatMap(([key, { file }]) => {
    const values = file === use ? [options[key] ?? []].flat() as string[] : [];
    const name = `--${flagName(key)}`;
    return use === "@read"
      ? values.filter((value) => value.startsWith("@")).map((at) => fileAt(name, at, at.slice(1)))
      : values.filter((path) => path !== STANDARD_STREAM).map((path) => fileAt(name, path));
  });
}

function fileAt(what: string, written: string, path = written): NamedFile {
  return { name: `${what} ${written}`, identity: identityOf(path) };
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
