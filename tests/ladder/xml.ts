/** A strict reader of XML, as far as pictures need it: elements, attributes in quotes, text. */

/** A text, or the value of an attribute, with the element that it belongs to. */
interface Text {
  readonly tag: string;
  readonly text: string;
}

const TOKEN = /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<]*")*)(\/?)>|([^<]+)/y;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** All texts of a document. Throws where it isn't well-formed. */
export function textsOf(document: string): Text[] {
  const found: Text[] = [];
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < document.length) {
    const at = TOKEN.lastIndex;
    const [token, end, tag, attributes, empty, text] = TOKEN.exec(document) ?? [];
    if (token === undefined) throw new Error(`at ${at}: ${document.slice(at, at + 80)}`);
    if (text !== undefined) found.push({ tag: open.at(-1) ?? "", text: decode(text).trim() });
    else if (end) {
      if (open.pop() !== tag) throw new Error(`at ${at}: ${token} ends another element`);
    } else {
      for (const [, value] of attributes!.matchAll(/="([^"]*)"/g)) {
        found.push({ tag: tag!, text: decode(value!) });
      }
      if (!empty) open.push(tag!);
    }
  }
  if (open.length > 0) throw new Error(`unfinished: ${open}`);
  return found.filter(({ text }) => text !== "");
}

function decode(text: string): string {
  return text.replace(/&(?:(\w+);)?/g, (entity, name: string) => {
    const char = ENTITIES[name];
    if (char === undefined) throw new Error(`not an entity: ${entity}`);
    return char;
  });
}
