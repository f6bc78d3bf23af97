/// <reference lib="dom" />
/** Records a proxy, and saves the recording when it is stopped. */
import { actWords, useShared } from "./context.ts";
import { formatBytes } from "./format.ts";
import { ProxyRecording } from "./proxy_recording.ts";

export function RecordButton({ proxy }: { readonly proxy: string }) {
  const { panel, words } = useShared();
  const { recordings } = panel;
  const recording = recordings.get(proxy);
  const begin = () => {
    const begun = new ProxyRecording(proxy, () => panel.changed());
    recordings.set(proxy, begun);
    const over = begun.run(panel.api).finally(() => recordings.delete(proxy));
    void panel.act(() => over, actWords(words, words.recorded));
    panel.redraw();
  };
  return (
    <button
      type="button"
      class="small record"
      aria-pressed={recording !== undefined}
      onClick={() => recording ? recording.stop() : begin()}
    >
      <span class="dot" />
      {recording ? words.recording(formatBytes(recording.size)) : words.record}
    </button>
  );
}
