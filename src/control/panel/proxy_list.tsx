/// <reference lib="dom" />
/** All proxies, of which one is looked at. */
import { formatCount } from "../../core/format.ts";
import { useShared } from "./context.ts";
import { formatRate, shown, shownAddress } from "./format.ts";
import type { ShownProxy } from "./panel_state.ts";
import { Sparkline } from "./sparkline.tsx";

interface ProxyListProps {
  readonly proxies: readonly ShownProxy[];
  readonly selected: string | undefined;
  select(name: string): void;
  makeNew(): void;
}

export function ProxyList({ proxies, selected, select, makeNew }: ProxyListProps) {
  const { words } = useShared();
  return (
    <nav aria-label={words.proxies}>
      <div class="nav-head">
        <h2>
          {words.proxies} <span class="quiet">{formatCount(proxies.length)}</span>
        </h2>
        <button type="button" class="chip" onClick={makeNew}>+ {words.newProxy}</button>
      </div>
      <ul>
        {proxies.map((proxy) => (
          <li key={proxy.name}>
            <ProxyCard
              proxy={proxy}
              isCurrent={proxy.name === selected}
              select={() => select(proxy.name)}
            />
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface ProxyCardProps {
  readonly proxy: ShownProxy;
  readonly isCurrent: boolean;
  select(): void;
}

function ProxyCard({ proxy, isCurrent, select }: ProxyCardProps) {
  const { words } = useShared();
  const { name, listen, upstream, enabled, sums, rates, toxics } = proxy;
  const { up = 0, down = 0 } = rates.latest ?? {};
  return (
    <button
      type="button"
      class="proxy-card"
      aria-current={isCurrent ? "true" : undefined}
      data-enabled={enabled}
      onClick={select}
    >
      <span class="proxy-name">
        <span class="dot" />
        <bdi>{shown(name)}</bdi>
        {toxics.length > 0 && <span class="badge" title={words.faults}>{toxics.length}</span>}
        <span class="quiet end">{words.active(formatCount(sums?.active ?? 0))}</span>
      </span>
      <span class="proxy-route">
        <bdi>{shownAddress(listen)}</bdi> → <bdi>{shownAddress(upstream)}</bdi>
      </span>
      <Sparkline samples={rates.samples} />
      <span class="proxy-rates">
        <span class="up">↑ {formatRate(up)}</span>
        <span class="down">↓ {formatRate(down)}</span>
      </span>
    </button>
  );
}
