/** How `--progress` looks: one row that fits the terminal, and the line at the end. */
import { format as formatBytes } from "@std/fmt/bytes";
import { cyan, dim } from "@std/fmt/colors";
import { formatClock } from "../core/format.ts";

/** What has gone one way. */
export interface Flow {
  readonly bytes: number;
  /** Bytes per second. */
  readonly rate: number;
}

/** Figures of a transfer that goes on. */
export interface TransferState {
  /** What is sent to all peers, and what is received from them. */
  readonly up: Flow;
  readonly down: Flow;
  /** Connections that are open now, where that is to be shown. */
  readonly open?: number;
  /** Time since the first connection. */
  readonly seconds: number;
  /** stdin, where it is a file: bytes that have been read, and those that there are. */
  readonly file?: Flow & { readonly size: number };
}

/** Columns of a bar: fewer tell nothing. */
const LEAST_BAR = 10;
const LEAST_LONE_BAR = 5;

/** Hours from which a time left is no forecast any more. */
const MOST_HOURS = 100;

const GAP = "  ";

/**
 * Formats `↑ 12.3 MB  4.1 MB/s  ↓ 0 B  0:00:03  ━━━━╸──────────  25 %  ETA 0:00:09`, as much of it
 * as fits into `columns`.
 */
export function progressRow(state: TransferState, columns: number): string {
  const { up, down, open, seconds, file } = state;
  const [sent, received] = [`↑ ${flow(up)}`, `↓ ${flow(down)}`];
  const [sentBytes, receivedBytes] = [`↑ ${bytesOf(up)}`, `↓ ${bytesOf(down)}`];
  const figures = [
    ...open === undefined ? [] : [[`${open} open`, sent, received, formatClock(seconds)]],
    [sent, received, formatClock(seconds)],
    [sent, received],
    [sent, receivedBytes],
    [sentBytes, receivedBytes],
  ];
  if (file && file.size > 0) return fileRow(file, [...figures, [sentBytes], []], columns);
  const rows = [...figures.map((parts) => parts.join(GAP)), `${sentBytes} ${receivedBytes}`];
  return rows.find((row) => row.length <= columns) ?? sentBytes.slice(0, Math.max(1, columns));
}

/** The row of a file: a bar in what the first of `figures` that leaves room for it leaves. */
function fileRow(
  file: NonNullable<TransferState["file"]>,
  figures: readonly (readonly string[])[],
  columns: number,
): string {
  const ratio = Math.min(1, file.bytes / file.size);
  const percent = `${percentOf(file)}`.padStart(3) + " %";
  const end = [percent, ...ratio < 1 ? [`ETA ${timeLeft(file)}`] : []];
  for (const parts of figures) {
    const room = columns - [...parts, "", ...end].join(GAP).length;
    if (room >= (parts.length > 1 ? LEAST_BAR : LEAST_LONE_BAR)) {
      return [...parts, bar(ratio, room), ...end].join(GAP);
    }
  }
  const row = end.join(" ").trimStart();
  return row.length <= columns ? row : percent.trimStart().slice(0, Math.max(1, columns));
}

/** The bar's marks: what is done, the half of a column, what is left. */
const [DONE, HALF, LEFT] = ["━", "╸", "─"] as const;

/** Colors the bar of a row. */
export function paintBar(row: string): string {
  return row.replace(/[━╸]+/, cyan).replace(/─+/, dim);
}

function bar(ratio: number, columns: number): string {
  const halves = Math.floor(ratio * columns * 2);
  const done = DONE.repeat(halves / 2) + (halves % 2 === 1 ? HALF : "");
  return done.padEnd(columns, LEFT);
}

/** Formats ` 12.3 MB    4.1 MB/s`, of a width that stays; without the rate where nothing went. */
function flow({ bytes, rate }: Flow): string {
  if (bytes === 0) return bytesOf({ bytes });
  return `${bytesOf({ bytes })} ${`${formatBytes(Math.round(rate))}/s`.padStart(9)}`;
}

function bytesOf({ bytes }: Pick<Flow, "bytes">): string {
  return bytes === 0 ? "0 B" : formatBytes(bytes).padStart(7);
}

function percentOf({ bytes, size }: { readonly bytes: number; readonly size: number }): number {
  return Math.min(100, Math.floor(bytes / size * 100));
}

/** Time until the file is read, at the rate of now. */
function timeLeft({ bytes, rate, size }: NonNullable<TransferState["file"]>): string {
  if (rate <= 0) return "–:––:––";
  const seconds = (size - bytes) / rate;
  return seconds < MOST_HOURS * 3600 ? formatClock(seconds) : `> ${MOST_HOURS} h`;
}

/** Figures of a transfer that is over. */
interface TransferSum {
  readonly sent: number;
  readonly received: number;
  readonly seconds: number;
  /** Bytes that were read of a file that has `size`. */
  readonly read: number;
  readonly size?: number;
}

/** Formats `sent 12 MB, received 0 B, 4 MB/s, 0:00:03, 100 %`; the rate is that of both ways. */
export function summaryLine({ sent, received, seconds, read, size }: TransferSum): string {
  const rate = (sent + received) / Math.max(seconds, 0.001);
  return [
    `sent ${formatBytes(sent)}`,
    `received ${formatBytes(received)}`,
    `${formatBytes(rate)}/s`,
    formatClock(seconds),
    ...size ? [`${percentOf({ bytes: read, size })} %`] : [],
  ].join(", ");
}
