/** Encoders for the Standard's sets: the inverted tables of the platform's decoders. */

type Encode = (char: string) => Uint8Array | undefined;

/** Sequences of `size` bytes each, one behind the other. */
interface Sequences {
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Separates sequences, none of which contains it. */
const NEWLINE = 0x0a;

/** U+FFFD in GB 18030, the only set that has it. */
const REPLACEMENT = Uint8Array.of(0x84, 0x31, 0xa4, 0x37);

/**
 * Characters that Big5 encodes with the last of their pointers (Encoding Standard, §5 "index Big5
 * pointer").
 */
const LAST_IN_BIG5 = new Set("═╞╡╪十卅");

/** Encoders by label: a table has tens of thousands of characters. */
const tables = new Map<string, Encode>();

/** @param label The Standard's name of a single-byte or multi-byte set. */
export function encodingTable(label: string): Encode {
  const encode = tables.get(label) ?? invertTable(label);
  tables.set(label, encode);
  return encode;
}

function invertTable(label: string): Encode {
  const table = new Map<string, Uint8Array>([["\n", Uint8Array.of(NEWLINE)]]);
  for (const sequences of sequencesOf(label)) {
    const { size, bytes } = sequences;
    charactersOf(label, sequences).forEach((char, index) => {
      if (!isSingleCharacter(char)) return;
      const sequence = bytes.subarray(index * size, (index + 1) * size);
      if (!table.has(char) || isPreferred(label, char, sequence[0]!)) table.set(char, sequence);
    });
  }
  if (label !== "gb18030") return (char) => table.get(char);
  return (char) => table.get(char) ?? (char === "\ufffd" ? REPLACEMENT : supplementary(char));
}

/** Whether a later pointer is preferred; in Big5, those of the Hong Kong extensions never are. */
function isPreferred(label: string, char: string, lead: number): boolean {
  return label === "big5" && lead >= 0xa1 && LAST_IN_BIG5.has(char);
}

/** Decodes each sequence. */
function charactersOf(label: string, { size, bytes }: Sequences): string[] {
  const count = bytes.length / size;
  const all = new Uint8Array(count * (size + 1)).fill(NEWLINE);
  for (let index = 0; index < count; index++) {
    all.set(bytes.subarray(index * size, (index + 1) * size), index * (size + 1));
  }
  return new TextDecoder(label, { ignoreBOM: true }).decode(all).split("\n").slice(0, count);
}

/** Whether a text is one character other than U+FFFD. */
function isSingleCharacter(text: string): boolean {
  if (text.length === 1) return text !== "\ufffd";
  return text.length === 2 && text.codePointAt(0)! > 0xffff;
}

/** Sequences that may be characters; of several for one character, the preferred comes first. */
function sequencesOf(label: string): Sequences[] {
  const ascii = range(0, 0x7f).filter((byte) => byte !== NEWLINE);
  const all = [...ascii, ...range(0x80, 0xff)];
  switch (label) {
    case "big5":
      return [singles(ascii), pairs(range(0xa1, 0xfe)), pairs(range(0x81, 0xa0))];
    case "euc-jp":
      return [singles(ascii), pairs(range(0x8e, 0xfe)), triples(0x8f)];
    case "euc-kr":
      return [singles(ascii), pairs(range(0x81, 0xfe))];
    case "gb18030":
      return [singles(ascii), pairs(range(0x81, 0xfe)), quads()];
    case "gbk": // A single 0x80 is the euro sign.
      return [singles([...ascii, 0x80]), pairs(range(0x81, 0xfe))];
    case "shift_jis": // What begins with 0xed or 0xee has another code, too.
      return [singles(all), pairs([...range(0x81, 0xec), ...range(0xef, 0xfc)])];
    default:
      return [singles(all)];
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function singles(bytes: number[]): Sequences {
  return { size: 1, bytes: Uint8Array.from(bytes) };
}

function pairs(leads: number[]): Sequences {
  const trails = range(0x40, 0xfe);
  return { size: 2, bytes: product([leads, trails]) };
}

function triples(lead: number): Sequences {
  const others = range(0xa1, 0xfe);
  return { size: 3, bytes: product([[lead], others, others]) };
}

/** GB 18030's four bytes for the Basic Multilingual Plane, up to 0x8431A439. */
function quads(): Sequences {
  const digits = range(0x30, 0x39);
  return { size: 4, bytes: product([range(0x81, 0x84), digits, range(0x81, 0xfe), digits]) };
}

/** All combinations of one byte of each list, in order. */
function product(lists: number[][]): Uint8Array {
  const count = lists.reduce((product, list) => product * list.length, 1);
  const bytes = new Uint8Array(count * lists.length);
  for (let index = 0; index < count; index++) {
    let rest = index;
    for (let position = lists.length - 1; position >= 0; position--) {
      const list = lists[position]!;
      bytes[index * lists.length + position] = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
    }
  }
  return bytes;
}

/** GB 18030's four bytes beyond that plane: by code point, from 0x90308130. */
function supplementary(char: string): Uint8Array | undefined {
  const index = char.codePointAt(0)! - 0x10000;
  if (index < 0) return undefined;
  return Uint8Array.of(
    0x90 + Math.floor(index / 12_600),
    0x30 + Math.floor(index / 1_260) % 10,
    0x81 + Math.floor(index / 10) % 126,
    0x30 + index % 10,
  );
}
