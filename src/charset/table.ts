/** The bytes of each character of one of the Standard's sets: its decoder's table, backwards. */

type Encode = (char: string) => Uint8Array | undefined;

/** Sequences of `size` bytes each, one behind the other. */
interface Sequences {
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Stands between sequences: ASCII is part of none. */
const NEWLINE = 0x0a;

/** U+FFFD in GB 18030, the one set of these that has it. */
const REPLACEMENT = Uint8Array.of(0x84, 0x31, 0xa4, 0x37);

/**
 * Characters whose last place in Big5 is the usual one (Encoding Standard, §5 "index Big5
 * pointer").
 */
const LAST_IN_BIG5 = new Set("═╞╡╪十卅");

/** Made once: a table is tens of thousands of characters. */
const tables = new Map<string, Encode>();

/** @param label One of the Standard's names for single bytes, or for two and more. */
export function encodingTable(label: string): Encode {
  const known = tables.get(label) ?? readBackwards(label);
  tables.set(label, known);
  return known;
}

function readBackwards(label: string): Encode {
  const table = new Map<string, Uint8Array>([["\n", Uint8Array.of(NEWLINE)]]);
  for (const sequences of sequencesOf(label)) {
    const { size, bytes } = sequences;
    charactersOf(label, sequences).forEach((char, index) => {
      if (!isOne(char)) return;
      const sequence = bytes.subarray(index * size, (index + 1) * size);
      if (!table.has(char) || takesOver(label, char, sequence[0]!)) table.set(char, sequence);
    });
  }
  if (label !== "gb18030") return (char) => table.get(char);
  return (char) => table.get(char) ?? (char === "\ufffd" ? REPLACEMENT : supplementary(char));
}

/** Whether a later place counts; in Big5, places among the extensions of Hong Kong never do. */
function takesOver(label: string, char: string, lead: number): boolean {
  return label === "big5" && lead >= 0xa1 && LAST_IN_BIG5.has(char);
}

/** What each sequence stands for. */
function charactersOf(label: string, { size, bytes }: Sequences): string[] {
  const count = bytes.length / size;
  const all = new Uint8Array(count * (size + 1)).fill(NEWLINE);
  for (let index = 0; index < count; index++) {
    all.set(bytes.subarray(index * size, (index + 1) * size), index * (size + 1));
  }
  return new TextDecoder(label, { ignoreBOM: true }).decode(all).split("\n").slice(0, count);
}

/** Whether a text is one character, and not U+FFFD, which stands for none. */
function isOne(text: string): boolean {
  if (text.length === 1) return text !== "\ufffd";
  return text.length === 2 && text.codePointAt(0)! > 0xffff;
}

/** What may be a character; where one has several places, the preferred comes first. */
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
    case "shift_jis": // What 0xed and 0xee lead to is elsewhere too.
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

/** Each choice of a byte from each list, in order. */
function product(lists: number[][]): Uint8Array {
  const count = lists.reduce((product, list) => product * list.length, 1);
  const bytes = new Uint8Array(count * lists.length);
  for (let index = 0; index < count; index++) {
    let rest = index;
    for (let place = lists.length - 1; place >= 0; place--) {
      const list = lists[place]!;
      bytes[index * lists.length + place] = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
    }
  }
  return bytes;
}

/** GB 18030's four bytes beyond that plane: in the order of Unicode, from 0x90308130. */
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
