/// <reference lib="dom" />
import { actWords, useShared } from "./context.ts";

interface EndButtonsProps {
  readonly id: number;
  /** The buttons stay when the connection is over, so that the focus isn't lost. */
  readonly isClosed: boolean;
}

/** The buttons that end a connection. */
export function EndButtons({ id, isClosed }: EndButtonsProps) {
  const { panel, words } = useShared();
  const close = (how: "cut" | "reset", done: string) => {
    if (!isClosed) void panel.act(() => panel.api.close(id, how), actWords(words, done));
  };
  return (
    <>
      <button
        type="button"
        class="small"
        aria-label={words.cutOne(id)}
        aria-disabled={isClosed}
        onClick={() => close("cut", words.cutDone(id))}
      >
        {words.cut}
      </button>
      <button
        type="button"
        class="small bad"
        aria-label={words.resetOne(id)}
        aria-disabled={isClosed}
        onClick={() => close("reset", words.resetDone(id))}
      >
        {words.reset}
      </button>
    </>
  );
}
