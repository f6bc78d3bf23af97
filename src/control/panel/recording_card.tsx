/// <reference lib="dom" />
/** A recording that was made: what it has, where it can go, and how it is played. */
import { formatCount } from "../../core/format.ts";
import { actWords, useShared } from "./context.ts";
import { formatBytes, shown } from "./format.ts";
import type { ProxyRecording } from "./proxy_recording.ts";
import { MAX_REPLAYED, type ReplayRun } from "./replay_run.ts";

export function RecordingCard({ proxy }: { readonly proxy: string }) {
  const { panel } = useShared();
  const recording = panel.recordings.of(proxy);
  return recording?.isOver ? <Kept recording={recording} /> : null;
}

function Kept({ recording }: { readonly recording: ProxyRecording }) {
  const { panel, words } = useShared();
  const { kept } = words;
  const { size, connections, replay, proxy } = recording;
  const isPlaying = replay !== undefined && !replay.isOver;
  const play = () => {
    void panel.act(() => recording.play(panel.api), actWords(words));
    panel.redraw();
  };
  return (
    <section class="card kept" aria-labelledby="kept-title">
      <div class="card-head">
        <h3 id="kept-title">{kept.title}</h3>
        <span class="quiet">{kept.size(formatBytes(size), formatCount(connections))}</span>
      </div>
      <div class="kept-acts">
        <button type="button" class="small" onClick={() => recording.saveJsonl()}>
          {kept.saveJsonl}
        </button>
        <button type="button" class="small" onClick={() => recording.savePcap()}>
          {kept.savePcap}
        </button>
        <button
          type="button"
          class="small"
          disabled={connections === 0 || size > MAX_REPLAYED}
          onClick={() => isPlaying ? replay.cancel() : play()}
        >
          {isPlaying ? kept.stop : kept.play}
        </button>
        <button type="button" class="small end" onClick={() => panel.recordings.discard(proxy)}>
          {kept.discard}
        </button>
      </div>
      <p class="quiet why">{size > MAX_REPLAYED ? kept.tooLarge : kept.why}</p>
      <div role="status">{replay && <Outcome replay={replay} />}</div>
    </section>
  );
}

function Outcome({ replay }: { readonly replay: ReplayRun }) {
  const { words: { kept } } = useShared();
  const { connections, played, different, first, isOver, isWhole } = replay;
  const [count, all] = [formatCount(played), formatCount(connections)];
  if (!isOver) return <p>{kept.playing(count, all)}</p>;
  if (different === 0) {
    return isWhole
      ? <p class="outcome" data-same="true">{kept.same(all)}</p>
      : <p class="outcome">{kept.cutShort(count, all)}</p>;
  }
  return (
    <>
      <p class="outcome" data-same="false">{kept.different(formatCount(different), count)}</p>
      <p>
        <bdi>{shown(first!.error!)}</bdi>
      </p>
      {first!.dump && first!.dump.length > 0 && (
        <pre tabIndex={0} aria-label={kept.dump}>{first!.dump.map(shown).join("\n")}</pre>
      )}
    </>
  );
}
