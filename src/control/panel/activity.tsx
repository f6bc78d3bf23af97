/// <reference lib="dom" />
/** The latest lines of the log. */
import { useShared } from "./context.ts";
import { formatTime, shown } from "./format.ts";

/** Lines that are drawn. */
const LINES = 60;

export function Activity({ proxy }: { readonly proxy: string }) {
  const { panel: { state }, words } = useShared();
  const lines = state.lines.filter((line) => line.proxy === undefined || line.proxy === proxy);
  return (
    <section class="card activity" aria-labelledby="log-title">
      <div class="card-head">
        <h3 id="log-title">{words.log}</h3>
      </div>
      {lines.length === 0
        ? <p class="empty">{words.noLog}</p>
        : (
          <ol tabIndex={0} aria-labelledby="log-title">
            {lines.slice(-LINES).reverse().map(({ time, level, id, message }, i) => (
              <li key={lines.length - i} data-level={level}>
                <time>{formatTime(Date.parse(time))}</time>
                <span class="log-id">{id === undefined ? "" : `#${id}`}</span>
                <bdi>{shown(message)}</bdi>
              </li>
            ))}
          </ol>
        )}
    </section>
  );
}
