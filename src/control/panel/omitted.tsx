/// <reference lib="dom" />
import type { Omitted as Amount } from "../../record/event.ts";
import { useShared } from "./context.ts";
import { formatBytes } from "./format.ts";

/** How much has passed that isn't kept, and why. */
export function Omitted({ omitted }: { readonly omitted: Amount }) {
  const { words: { inspector } } = useShared();
  const bytes = omitted.in + omitted.out;
  if (bytes === 0) return null;
  return (
    <p class="omitted quiet">{inspector.omitted[omitted.limit ?? "before"](formatBytes(bytes))}</p>
  );
}
