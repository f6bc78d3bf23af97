/** What types of toxics can act on. */
import type { ToxicType } from "./toxic.ts";

const NEEDS: Readonly<Partial<Record<ToxicType, "bytes" | "messages">>> = {
  slicer: "bytes",
  chop: "bytes",
  loss: "messages",
  duplicate: "messages",
  reorder: "messages",
};

/**
 * What a type of toxic acts on alone; undefined where it acts on bytes and on messages. It leaves
 * anything else as it is, so adding it there should be refused.
 */
export function needOf(type: ToxicType): "bytes" | "messages" | undefined {
  return NEEDS[type];
}
