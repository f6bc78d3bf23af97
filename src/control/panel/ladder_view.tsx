/// <reference lib="dom" />
/** One connection as a ladder diagram, which grows while the connection lives. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { ladderOf } from "../../ladder/layout.ts";
import { drawSvg } from "../../ladder/svg.ts";
import { RULES } from "../../ladder/svg_style.ts";
import { wordsIn } from "../../ladder/words/mod.ts";
import { useShared } from "./context.ts";
import { svgNode } from "./svg_node.ts";
import type { Transcript } from "./transcript.ts";
import { useEnd } from "./use_end.ts";

/** The narrowest drawing, pixels, as in page.css: a narrower box is scrolled sideways. */
const NARROWEST = 560;

interface LadderViewProps {
  readonly id: number;
  readonly transcript: Transcript;
  /** Whether each kind of step is explained where it is first seen. */
  readonly explain: boolean;
  /** Whether the connection is over, so that nothing follows. */
  readonly isOver: boolean;
}

export function LadderView({ id, transcript, explain, isOver }: LadderViewProps) {
  const { words, language } = useShared();
  const { box, scrolled } = useEnd(!isOver);
  const [width, setWidth] = useState(NARROWEST);
  useEffect(adoptRules, []);
  useEffect(() => {
    const resizing = new ResizeObserver(([entry]) => {
      setWidth(Math.max(NARROWEST, Math.floor(entry!.contentRect.width)));
    });
    resizing.observe(box.current!);
    return () => resizing.disconnect();
  }, []);
  const { count } = transcript;
  const drawing = useMemo(() => {
    if (count === 0) return undefined;
    const ladder = ladderOf({ id, events: transcript.events }, { live: true });
    return svgNode(drawSvg([ladder], { words: wordsIn(language), explain, width }));
  }, [count, language, explain, width]);
  return (
    <div
      ref={box}
      class="pieces drawing"
      tabIndex={0}
      role="group"
      aria-label={words.inspector.views.ladder}
      onScroll={scrolled}
    >
      {drawing ?? <p class="empty">{words.inspector.nothing}</p>}
    </div>
  );
}

let isAdopted = false;

/** Adds the rules of ladders to those of the page, once. */
function adoptRules(): void {
  if (isAdopted) return;
  isAdopted = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(RULES);
  document.adoptedStyleSheets.push(sheet);
}
