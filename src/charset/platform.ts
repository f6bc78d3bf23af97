/** The character sets of `TextDecoder`, with encoders by their inverted tables. */
import { type Charset, stateless, type StreamDecoder } from "./charset.ts";
import { encodingTable } from "./table.ts";
import {
  gb18030ErrorLength,
  INCOMPLETE,
  multiByteErrorLength,
  type SequenceLookup,
  SequenceScanner,
} from "./sequences.ts";

/**
 * @param name The name shown to users.
 * @param label The Standard's name of a single-byte or multi-byte set.
 */
export function platformCharset(name: string, label: string): Charset {
  const isGb = label === "gbk" || label === "gb18030";
  const scanner = new SequenceScanner(
    platformLookup(label),
    isGb ? gb18030ErrorLength : multiByteErrorLength,
  );

  return {
    name,
    scanner: () => scanner,
    encoder: () => stateless(encodingTable(label)),
    replacing: () => platformDecoder(label),
  };
}

/** The platform's decoder, which decodes a byte order mark like any character. */
export function platformDecoder(label: string): StreamDecoder {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return {
    write: (bytes) => decoder.decode(bytes, { stream: true }),
    finish: () => decoder.decode(),
  };
}

/** Looks sequences up in the platform's decoder. */
export function platformLookup(label: string): SequenceLookup {
  const decode = (sequence: Uint8Array, stream: boolean) => {
    try {
      return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(sequence, { stream });
    } catch {
      return undefined;
    }
  };
  return (sequence) =>
    decode(sequence, false) ?? (decode(sequence, true) === "" ? INCOMPLETE : undefined);
}
