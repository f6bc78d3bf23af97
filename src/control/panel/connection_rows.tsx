/// <reference lib="dom" />
/** Rows of connections, of which only those that are seen are drawn. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ConnectionRow } from "./connection_row.tsx";
import type { ShownConnection } from "./connection_table.ts";
import { useShared } from "./context.ts";
import { windowOf } from "./listing.ts";

interface ConnectionRowsProps {
  readonly connections: readonly ShownConnection[];
  readonly now: number;
  /** Called when the rows are to stay where they are, and when they needn't any more. */
  hold(isHeld: boolean): void;
  /** Called with the number of the connection that is to be looked into. */
  look(id: number): void;
}

/** Widths from which on a row takes fewer lines, and its height in pixels; as in page.css. */
const LAYOUTS = [
  { name: "wide", width: 920, row: 40 },
  { name: "medium", width: 600, row: 56 },
  { name: "narrow", width: 0, row: 122 },
] as const;

const COLUMNS = [
  "id",
  "peer",
  "target",
  "state",
  "age",
  "received",
  "sent",
  "active",
  "actions",
] as const;

/** What is seen of a box, as it is scrolled and resized; pixels. */
function useView(box: RefObject<HTMLElement | null>) {
  const [view, setView] = useState({ top: 0, height: 600, width: 0 });
  useEffect(() => {
    const element = box.current!;
    const look = () => {
      const { scrollTop, clientHeight, clientWidth } = element;
      setView({ top: scrollTop, height: clientHeight, width: clientWidth });
    };
    const resizing = new ResizeObserver(look);
    resizing.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resizing.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return view;
}

export function ConnectionRows({ connections, now, hold, look }: ConnectionRowsProps) {
  const { words } = useShared();
  const box = useRef<HTMLDivElement>(null);
  const { top, height, width } = useView(box);
  const layout = LAYOUTS.find((one) => width >= one.width)!;
  const { start, end } = windowOf(connections.length, layout.row, top, height);
  const drawn = connections.slice(start, end).map((connection, i) => (
    <ConnectionRow
      key={connection.id}
      connection={connection}
      now={now}
      index={start + i}
      top={(start + i) * layout.row}
      look={look}
    />
  ));
  return (
    <div
      ref={box}
      class="rows"
      role="table"
      tabIndex={0}
      aria-label={words.connections}
      aria-rowcount={connections.length + 1}
      data-layout={layout.name}
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocusIn={() => hold(true)}
      onFocusOut={() => hold(false)}
    >
      <Headings />
      <div role="rowgroup" class="space" style={{ height: `${connections.length * layout.row}px` }}>
        {drawn}
      </div>
    </div>
  );
}

function Headings() {
  const { words } = useShared();
  return (
    <div class="row head" role="row" aria-rowindex={1}>
      {COLUMNS.map((column) => (
        <span key={column} role="columnheader" class={`cell-${column}`}>
          {words.columns[column]}
        </span>
      ))}
    </div>
  );
}
