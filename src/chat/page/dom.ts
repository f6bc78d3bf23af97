/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Elements by their id, and elements made of text. Text is only ever text: nothing parses it. */

/** The element of the page with this id. */
export function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`#${id} is missing`);
  return found;
}

/** An element with these classes and children; strings become text nodes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  classes: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children);
  return element;
}

/** A name, apart from the direction of the text around it. */
export function nameOf(name: string): HTMLElement {
  return tinted(make("bdi", "name", name), name);
}

/** The first character of a name in a circle of its colour; only to look at. */
export function faceOf(name: string): HTMLElement {
  const [first] = new Intl.Segmenter().segment(name);
  const face = tinted(make("span", "face", first?.segment.toUpperCase() ?? ""), name);
  face.ariaHidden = "true";
  return face;
}

/** Gives a name its hue, always the same. */
function tinted<T extends HTMLElement>(element: T, name: string): T {
  let hash = 0;
  for (const char of name) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0;
  element.style.setProperty("--hue", `${(hash * 47) % 360}`);
  return element;
}
