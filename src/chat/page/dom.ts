/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Finds elements by id, and makes elements of text nodes, which are never parsed as HTML. */
import { hueOf } from "../protocol/names.ts";

/** The element with this id. Throws if there is none of this type. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is missing`);
  return element;
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

/** A name, isolated from the direction of the text around it (`bdi`). */
export function nameOf(name: string): HTMLElement {
  return tinted(make("bdi", "name", name), name);
}

/** The first character of a name in a circle of its hue, hidden from screen readers. */
export function faceOf(name: string): HTMLElement {
  const [first] = new Intl.Segmenter().segment(name);
  const face = tinted(make("span", "face", first?.segment.toUpperCase() ?? ""), name);
  face.ariaHidden = "true";
  return face;
}

/** Gives an element the hue of a name. */
function tinted<T extends HTMLElement>(element: T, name: string): T {
  element.style.setProperty("--hue", `${hueOf(name)}`);
  return element;
}
