/** Elements of a picture as values: written as text for a file, made into nodes by a page. */

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

type Attributes = Readonly<Record<string, string | number>>;

/** Makes an element. Numbers are rounded to a hundredth. */
export function element(
  tag: string,
  attributes: Attributes,
  children: readonly (Element | string)[] = [],
): Element {
  const texts = Object.entries(attributes).map(([name, value]) => [name, textOf(value)]);
  return { tag, attributes: Object.fromEntries(texts), children };
}

function textOf(value: string | number): string {
  return typeof value === "string" ? value : `${Math.round(value * 100) / 100}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

/** Yields the element as XML in pieces; each child element is on a line of its own. */
export function* formatXml({ tag, attributes, children }: Element): Generator<string> {
  const written = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeMarkup(value)}"`).join("");
  if (children.length === 0) return yield `<${tag}${written}/>`;
  yield `<${tag}${written}>`;
  for (const child of children) {
    if (typeof child === "string") yield escapeMarkup(child);
    else {
      yield "\n";
      yield* formatXml(child);
    }
  }
  yield `${typeof children.at(-1) === "string" ? "" : "\n"}</${tag}>`;
}
