/// <reference lib="dom" />
/** Makes nodes of the page from elements as values: their texts stay texts. */
import { h, type VNode } from "preact";
import type { Element } from "../../ladder/element.ts";

/** The same element as a node, without style elements: the page's policy lets none in. */
export function svgNode({ tag, attributes, children }: Element): VNode {
  const shown = children.filter((child) => typeof child === "string" || child.tag !== "style");
  return h(
    tag,
    { ...attributes },
    ...shown.map((child) => typeof child === "string" ? child : svgNode(child)),
  );
}
