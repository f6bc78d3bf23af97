/// <reference lib="dom" />
/** The connections of a proxy. */
import { useRef, useState } from "preact/hooks";
import { formatCount } from "../../core/format.ts";
import { MAX_CLOSED, type ShownConnection } from "./connection_table.ts";
import { ConnectionRows } from "./connection_rows.tsx";
import { useShared } from "./context.ts";
import { Inspector } from "./inspector.tsx";
import { listConnections, type Order, ORDERS, type Query, WHICH, type Which } from "./listing.ts";
import type { ShownProxy } from "./panel_state.ts";

export function ConnectionsCard({ proxy }: { readonly proxy: ShownProxy }) {
  const { panel: { state }, words } = useShared();
  const [query, setQuery] = useState<Omit<Query, "proxy">>({
    text: "",
    which: "all",
    order: "newest",
  });
  const [isHeld, setHeld] = useState(false);
  const [looked, look] = useState<number>();
  const held = useRef<ShownConnection[]>(undefined);
  const whole = { ...query, proxy: proxy.name };
  const key = JSON.stringify(whole);
  const heldKey = useRef(key);
  if (!isHeld || heldKey.current !== key || !held.current) {
    held.current = listConnections(state.connections, whole);
    heldKey.current = key;
  }
  // What is pointed at stays where it is, and shows what has become of it.
  const listed = isHeld
    ? held.current.map((one) => state.connections.get(one.id) ?? one)
    : held.current;
  return (
    <section class="card connections" aria-labelledby="connections-title">
      <div class="card-head">
        <h3 id="connections-title">
          {words.connections} <span class="quiet">{formatCount(listed.length)}</span>
        </h3>
        {isHeld && listed.length > 0 && <span class="quiet held">{words.held}</span>}
      </div>
      <Search query={query} setQuery={setQuery} />
      {listed.length === 0
        ? <p class="empty">{query.text ? words.noMatch : words.none}</p>
        : <ConnectionRows connections={listed} now={state.now} hold={setHeld} look={look} />}
      {state.connections.isFull && query.which !== "open" && (
        <p class="full quiet">{words.fullOfClosed(formatCount(MAX_CLOSED))}</p>
      )}
      <Looked id={looked} close={() => look(undefined)} />
    </section>
  );
}

/** The connection that is looked into, which may be over by now. */
function Looked({ id, close }: { readonly id: number | undefined; close(): void }) {
  const { panel } = useShared();
  const connection = id === undefined ? undefined : panel.state.connections.get(id);
  return connection ? <Inspector key={id} connection={connection} close={close} /> : null;
}

interface SearchProps {
  readonly query: Omit<Query, "proxy">;
  setQuery(query: Omit<Query, "proxy">): void;
}

function Search({ query, setQuery }: SearchProps) {
  const { words } = useShared();
  return (
    <div class="search" role="search">
      <input
        type="search"
        placeholder={words.find}
        aria-label={words.find}
        value={query.text}
        onInput={({ currentTarget }) => setQuery({ ...query, text: currentTarget.value })}
      />
      <select
        aria-label={words.show}
        value={query.which}
        onChange={({ currentTarget }) =>
          setQuery({ ...query, which: currentTarget.value as Which })}
      >
        {WHICH.map((which) => <option key={which} value={which}>{words.which[which]}</option>)}
      </select>
      <select
        aria-label={words.sort}
        value={query.order}
        onChange={({ currentTarget }) =>
          setQuery({ ...query, order: currentTarget.value as Order })}
      >
        {ORDERS.map((order) => <option key={order} value={order}>{words.orders[order]}</option>)}
      </select>
    </div>
  );
}
