/// <reference lib="dom" />
/** How a connection is looked at, and what is looked for in it. */
import { useShared } from "./context.ts";
import type { View } from "./piece_view.tsx";

/** How a connection is looked at. */
export interface Look {
  readonly view: View | "ladder";
  /** What is looked for in its pieces. */
  readonly text: string;
  /** Whether each kind of step of its ladder is explained. */
  readonly explain: boolean;
}

const VIEWS: readonly Look["view"][] = ["text", "hex", "messages", "ladder"];

interface InspectorToolsProps {
  readonly look: Look;
  change(look: Partial<Look>): void;
}

export function InspectorTools({ look, change }: InspectorToolsProps) {
  const { words: { inspector } } = useShared();
  return (
    <div class="search">
      <div class="views">
        {VIEWS.map((view) => (
          <button
            key={view}
            type="button"
            class="chip"
            aria-pressed={view === look.view}
            onClick={() => change({ view })}
          >
            {inspector.views[view]}
          </button>
        ))}
      </div>
      {look.view === "ladder"
        ? <Explain look={look} change={change} />
        : <Find look={look} change={change} />}
    </div>
  );
}

function Explain({ look, change }: InspectorToolsProps) {
  const { words: { inspector } } = useShared();
  return (
    <label>
      <input
        type="checkbox"
        checked={look.explain}
        onChange={({ currentTarget }) => change({ explain: currentTarget.checked })}
      />
      {inspector.explain}
    </label>
  );
}

function Find({ look, change }: InspectorToolsProps) {
  const { words: { inspector } } = useShared();
  return (
    <input
      type="search"
      placeholder={inspector.find}
      aria-label={inspector.find}
      value={look.text}
      onInput={({ currentTarget }) => change({ text: currentTarget.value })}
    />
  );
}
