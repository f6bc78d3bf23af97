/** The look of ladders as SVG, in light and dark. */

const COLORS = `
.ladder { --card: #ffffff; --ink: #1a2126; --quiet: #56626b; --rule: #b9c4ca; --box: #f4f6f7;
  --in: #6b3fa0; --out: #0f766e; --setup: #1c6b3c; --end: #8a5300; --reset: #b3261e; }
@media (prefers-color-scheme: dark) {
  .ladder { --card: #181d21; --ink: #e6eaed; --quiet: #9ba8b1; --rule: #56626b; --box: #252c31;
    --in: #c9b0f0; --out: #4fc3b5; --setup: #7fd19b; --end: #f0b866; --reset: #ff9d93; }
}
`;

/** The rules without the colors, for a page that has its own. */
export const RULES = `
.ladder { color: var(--ink); }
.ladder text { fill: var(--ink); font: 13px ui-monospace, "SF Mono", Menlo, Consolas,
  "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; white-space: pre;
  paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.ladder .card { fill: var(--card); }
.ladder .heading { font-weight: 700; }
.ladder .role { font-weight: 700; stroke: none; }
.ladder .address, .ladder .time, .ladder .quiet { fill: var(--quiet); }
.ladder .address { stroke: none; }
.ladder .lesson { fill: var(--quiet); font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans",
  "Noto Sans CJK SC", sans-serif; }
.ladder .box { fill: var(--box); stroke: var(--rule); }
.ladder .line { stroke: var(--rule); stroke-width: 2; fill: none; }
.ladder .listens { stroke-dasharray: 3 5; }
.ladder .arrow path { stroke: currentColor; stroke-width: 1.75; fill: none; }
.ladder .arrow .head { fill: currentColor; stroke: none; }
.ladder .arrow text, .ladder .note text { fill: currentColor; }
.ladder .note .fold { stroke: none; }
.ladder .note .quiet { fill: var(--quiet); }
.ladder .arrow .preview { fill: var(--ink); }
.ladder .dot { fill: currentColor; }
.ladder .in { color: var(--in); }
.ladder .out { color: var(--out); }
.ladder .setup { color: var(--setup); }
.ladder .end { color: var(--end); }
.ladder .reset, .ladder .fault { color: var(--reset); }
.ladder .end path { stroke-dasharray: 7 4; }
.ladder .reset path { stroke-width: 2.5; }
`;

/** What a picture has that stands alone. */
export const STYLE = COLORS + RULES.slice(1);
