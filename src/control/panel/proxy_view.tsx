/// <reference lib="dom" />
/** One proxy: its traffic, faults and connections. */
import { formatCount } from "../../core/format.ts";
import { Activity } from "./activity.tsx";
import { ConnectionsCard } from "./connections_card.tsx";
import { actWords, useShared } from "./context.ts";
import { FaultsCard } from "./faults_card.tsx";
import { formatBytes, formatRate, shown, shownAddress } from "./format.ts";
import type { ShownProxy } from "./panel_state.ts";
import { RecordButton } from "./record_button.tsx";
import { RecordingCard } from "./recording_card.tsx";
import { RoundTripPlot, RoundTripTile } from "./round_trip_plot.tsx";
import { Switch } from "./switch.tsx";
import { Throughput } from "./throughput.tsx";

export function ProxyView({ proxy }: { readonly proxy: ShownProxy }) {
  const { panel: { state } } = useShared();
  return (
    <main>
      <ProxyHead proxy={proxy} />
      <RecordingCard proxy={proxy.name} />
      <div class="columns">
        <div class="column">
          <section class="card traffic">
            <Tiles proxy={proxy} />
            <div class="plots">
              <Throughput rates={proxy.rates} now={state.now} />
              <RoundTripPlot roundTrips={proxy.roundTrips} now={state.now} />
            </div>
          </section>
          <ConnectionsCard proxy={proxy} />
          <Activity proxy={proxy.name} />
        </div>
        <FaultsCard proxy={proxy} />
      </div>
    </main>
  );
}

function ProxyHead({ proxy }: { readonly proxy: ShownProxy }) {
  const { panel, words } = useShared();
  const { name, listen, upstream, enabled } = proxy;
  return (
    <div class="proxy-head">
      <h2>
        <bdi>{shown(name)}</bdi>
      </h2>
      <p class="route">
        <bdi>{shownAddress(listen)}</bdi>
        <span class="arrow" aria-hidden="true">→</span>
        <bdi>{shownAddress(upstream)}</bdi>
      </p>
      <div class="end">
        <Switch
          on={enabled}
          name={words.enabled}
          text={words.enabled}
          onToggle={(on) => panel.act(() => panel.api.enable(name, on), actWords(words))}
        />
        <RecordButton proxy={name} />
        <button
          type="button"
          class="small"
          aria-label={words.removeProxy(shown(name))}
          onClick={() => panel.act(() => panel.api.removeProxy(name), actWords(words))}
        >
          {words.remove}
        </button>
      </div>
    </div>
  );
}

function Tiles({ proxy: { sums, rates, roundTrips } }: { readonly proxy: ShownProxy }) {
  const { words } = useShared();
  const { up = 0, down = 0 } = rates.latest ?? {};
  const { active = 0, connections = 0, received = 0, sent = 0 } = sums ?? {};
  return (
    <dl class="tiles">
      <div>
        <dt>{words.connections}</dt>
        <dd>
          {formatCount(active)} <small>{words.openNow}</small>
        </dd>
        <dd class="quiet">{formatCount(connections)} {words.total}</dd>
      </div>
      <div class="up">
        <dt>{words.up}</dt>
        <dd>{formatRate(up)}</dd>
        <dd class="quiet">{words.carried(formatBytes(received))}</dd>
      </div>
      <div class="down">
        <dt>{words.down}</dt>
        <dd>{formatRate(down)}</dd>
        <dd class="quiet">{words.carried(formatBytes(sent))}</dd>
      </div>
      <RoundTripTile roundTrips={roundTrips} />
    </dl>
  );
}
