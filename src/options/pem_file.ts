/** Reads an option's PEM file: its blocks of one kind, or an error that names the mistake. */
import { UsageError } from "../core/errors.ts";
import { contentOf } from "../transports/tls/der.ts";
import { reasonOfSystem } from "../transports/system_reason.ts";
import { readWhole } from "../transports/fifo.ts";
import { blocksIn, type PemBlock } from "../transports/tls/pem.ts";

/** A file that an option names. */
export interface OptionFile {
  readonly option: string;
  readonly path: string;
}

/** A kind of PEM block. */
export interface BlockKind {
  readonly name: string;
  /** Matches the labels of its blocks. */
  readonly label: RegExp;
  /** The command that converts it to PEM. */
  readonly command: string;
}

/** An error for a file that can't be used. */
export function unusable({ option, path }: OptionFile, reason: string): UsageError {
  return new UsageError(`${option} ${path}`, reason);
}

/** Reads a file's blocks of one kind, at least one. Rejects with a `UsageError`. */
export async function readBlocks(file: OptionFile, kind: BlockKind): Promise<PemBlock[]> {
  const bytes = await read(file);
  const blocks = blocksIn(textOf(bytes));
  const found = blocks.filter(({ label }) => kind.label.test(label));
  const cut = found.find(({ whole, encrypted }) => !whole && !encrypted);
  if (cut) {
    const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} ${cut.label}-----`);
    throw unusable(file, `${begin} comes without ${end}; is the file cut?`);
  }
  if (found.length > 0) return found;
  throw unusable(file, `holds no ${kind.name}${foundInstead(bytes, blocks, kind)}`);
}

async function read(file: OptionFile): Promise<Uint8Array> {
  try {
    return await readWhole(file.path);
  } catch (error) {
    throw unusable(file, `can't be read: ${reasonOfSystem(error as Error)}`);
  }
}

/** Decodes UTF-16 with a byte order mark, or else UTF-8. */
function textOf(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(utf16 ? "utf-16le" : "utf-8").decode(bytes);
}

/** Text on what a file holds instead, and how to convert it. */
function foundInstead(bytes: Uint8Array, blocks: readonly PemBlock[], kind: BlockKind): string {
  if (bytes.every((byte) => byte <= 32)) return ": it is empty";
  if (blocks.length === 0 && bytes[0] === 0x30) return ` in PEM, but ${foundDer(bytes, kind)}`;
  const labels = [...new Set(blocks.map(({ label }) => label))];
  const but = labels.length > 0 ? ` but ${labels.join(", ")}` : "";
  return `${but}; expected a line -----BEGIN ${kind.name.toUpperCase()}-----`;
}

/**
 * Text on a file in DER. PKCS #12 begins with version 3 (RFC 7292 §4), a key with 0 or 1, and a
 * certificate with no version.
 */
function foundDer(bytes: Uint8Array, { command }: BlockKind): string {
  const [tag, size, version] = contentOf(bytes);
  return tag === 2 && size === 1 && version === 3
    ? "is PKCS #12; convert it with openssl pkcs12 -nodes -in"
    : `is DER; convert it with ${command} -inform der -in`;
}
