/** How `--progress` looks. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { progressRow, summaryLine, type TransferState } from "../../src/talk/progress_line.ts";
import { Rates } from "../../src/talk/rates.ts";

const sum = { sent: 25_000_000, received: 300, seconds: 5, read: 0 };

Deno.test("the line at the end has bytes each way, rate and time", () => {
  assertEquals(summaryLine(sum), "sent 25 MB, received 300 B, 5 MB/s, 0:00:05");
});

Deno.test("the line at the end says how much of a file was read", () => {
  for (
    const [read, size, shown] of [
      [0, 0, ""],
      [25, 100, ", 25 %"],
      [999, 1000, ", 99 %"],
      [100, 100, ", 100 %"],
      [150, 100, ", 100 %"],
    ] as const
  ) {
    assertEquals(
      summaryLine({ ...sum, read, size }),
      `sent 25 MB, received 300 B, 5 MB/s, 0:00:05${shown}`,
    );
  }
  assertMatch(summaryLine({ ...sum, seconds: 3725 }), /, 1:02:05$/);
});

const file = { bytes: 25_000_000, rate: 5_000_000, size: 100_000_000 };
const state: TransferState = {
  up: { bytes: 25_100_000, rate: 5_120_000.4 },
  down: { bytes: 300, rate: 12.4 },
  seconds: 5,
};

Deno.test("what isn't a file has bytes and rate each way, as far as they fit", () => {
  const rows = {
    60: "↑ 25.1 MB 5.12 MB/s  ↓   300 B    12 B/s  0:00:05",
    48: "↑ 25.1 MB 5.12 MB/s  ↓   300 B    12 B/s",
    39: "↑ 25.1 MB 5.12 MB/s  ↓   300 B",
    29: "↑ 25.1 MB  ↓   300 B",
    19: "↑ 25.1 MB ↓   300 B",
    18: "↑ 25.1 MB",
    5: "↑ 25.",
    0: "↑",
  };
  for (const [columns, row] of Object.entries(rows)) {
    assertEquals(progressRow(state, Number(columns)), row, columns);
  }
  const idle = { up: { bytes: 0, rate: 0 }, down: { bytes: 0, rate: 0 }, seconds: 0.2 };
  assertEquals(progressRow(idle, 80), "↑ 0 B  ↓ 0 B  0:00:00");
});

Deno.test("a relay tells how many connections are open, where there is room", () => {
  const relay = { ...state, open: 12 };
  const row = "↑ 25.1 MB 5.12 MB/s  ↓   300 B    12 B/s  0:00:05";
  assertEquals(progressRow(relay, 60), `12 open  ${row}`);
  assertEquals(progressRow(relay, 56), row);
});

Deno.test("a file has a bar that takes the room which the figures leave, and the time left", () => {
  const rows = {
    120: "↑ 25.1 MB 5.12 MB/s  ↓   300 B    12 B/s  0:00:05  " +
      "━━━━━━━━━━━━─────────────────────────────────────   25 %  ETA 0:00:15",
    78: "↑ 25.1 MB 5.12 MB/s  ↓   300 B    12 B/s  ━━━━────────────   25 %  ETA 0:00:15",
    70: "↑ 25.1 MB 5.12 MB/s  ↓   300 B  ━━━━╸─────────────   25 %  ETA 0:00:15",
    55: "↑ 25.1 MB  ↓   300 B  ━━━──────────   25 %  ETA 0:00:15",
    37: "↑ 25.1 MB  ━╸────   25 %  ETA 0:00:15",
    27: "━╸─────   25 %  ETA 0:00:15",
    17: "25 % ETA 0:00:15",
    15: "25 %",
    2: "25",
    0: "2",
  };
  for (const [columns, row] of Object.entries(rows)) {
    assertEquals(progressRow({ ...state, file }, Number(columns)), row, columns);
  }
});

Deno.test("a row is never wider than its terminal, whatever its figures are", () => {
  const counts = [0, 1, 999, 1000, 999_999, 123_456_789, 9.99e15];
  for (let columns = 1; columns < 200; columns++) {
    for (const [i, bytes] of counts.entries()) {
      const rate = counts[(i * 3 + columns) % counts.length]!;
      const flow = { bytes, rate };
      const seconds = rate * 7;
      const size = counts[(i + columns) % counts.length]!;
      for (const file of [undefined, { ...flow, size }]) {
        const row = progressRow({ up: flow, down: flow, seconds, file }, columns);
        assert([...row].length <= columns, `${columns}: ${row}`);
        assert(row.length > 0);
      }
    }
  }
});

Deno.test("a bar ends with its file, and a time left that nobody knows isn't told", () => {
  const ends = (file: TransferState["file"]) => progressRow({ ...state, file }, 37).slice(11);
  assertEquals(ends({ ...file, bytes: file.size }), "━━━━━━━━━━━━━━━━━━━  100 %");
  assertEquals(ends({ ...file, bytes: file.size + 1 }), "━━━━━━━━━━━━━━━━━━━  100 %");
  assertEquals(ends({ ...file, bytes: 0, rate: 0 }), "──────    0 %  ETA –:––:––");
  assertEquals(ends({ ...file, rate: 1 }), "━╸────   25 %  ETA > 100 h");
  assertEquals(progressRow({ ...state, file: { ...file, size: 0 } }, 29), "↑ 25.1 MB  ↓   300 B");
});

Deno.test("a rate is that of the last three seconds, and of what there is before", () => {
  const rates = new Rates(1000, { up: 0 });
  assertEquals(rates.at(1200, { up: 200 }).up, 1000);
  assertEquals(rates.at(2000, { up: 200 }).up, 200);
  assertEquals(rates.at(4000, { up: 200 }).up, 200 / 3);
  assertEquals(rates.at(5000, { up: 200 }).up, 0);
  assertEquals(rates.at(6000, { up: 3200 }).up, 750);
});
