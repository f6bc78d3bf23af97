/// <reference lib="dom" />
/** Records a proxy until it is pressed again. */
import { actWords, useShared } from "./context.ts";
import { formatBytes } from "./format.ts";

export function RecordButton({ proxy }: { readonly proxy: string }) {
  const { panel, words } = useShared();
  const { recordings } = panel;
  const recording = recordings.of(proxy);
  const isRecording = recording !== undefined && !recording.isOver;
  const begin = () => {
    void panel.act(() => recordings.begin(proxy, panel.api), actWords(words));
    panel.redraw();
  };
  return (
    <button
      type="button"
      class="small record"
      aria-pressed={isRecording}
      onClick={() => isRecording ? recording.stop() : begin()}
    >
      <span class="dot" />
      {isRecording ? words.recording(formatBytes(recording.size)) : words.record}
    </button>
  );
}
