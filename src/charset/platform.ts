/** The character sets that `TextDecoder` knows, and their tables read backwards for sending. */
import { type Charset, stateless, type StreamDecoder } from "./charset.ts";
import { encodingTable } from "./table.ts";
import { allButAscii, gb18030, type Meaning, MORE, SequenceScanner } from "./sequences.ts";

/** The canonical name that the Encoding Standard (§4.2) has for a label. */
export function whatwgName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/**
 * @param name What the set is called to users.
 * @param label One of the Standard's names for single bytes, or for two and more.
 */
export function platformCharset(name: string, label: string): Charset {
  const isGb = label === "gbk" || label === "gb18030";
  const scanner = new SequenceScanner(meaningIn(label), isGb ? gb18030 : allButAscii);

  return {
    name,
    scanner: () => scanner,
    encoder: () => stateless(encodingTable(label)),
    replacing: () => platformDecoder(label),
  };
}

/** A byte order mark is a character like any other: nothing is taken from what the peer says. */
export function platformDecoder(label: string): StreamDecoder {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return {
    write: (bytes) => decoder.decode(bytes, { stream: true }),
    finish: () => decoder.decode(),
  };
}

/** Asks the platform about a sequence: is it whole, could it become so? */
export function meaningIn(label: string): Meaning {
  const ask = (sequence: Uint8Array, stream: boolean) => {
    try {
      return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(sequence, { stream });
    } catch {
      return undefined;
    }
  };
  return (sequence) => ask(sequence, false) ?? (ask(sequence, true) === "" ? MORE : undefined);
}
