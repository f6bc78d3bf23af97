/** The line of `--progress`. */
import { assertEquals } from "@std/assert";
import { progressLine } from "../../src/talk/progress.ts";

const standing = { sent: 25_000_000, received: 300, rate: 5_000_000, seconds: 5, read: 0 };

Deno.test("progress shows bytes each way, rate and time", () => {
  assertEquals(progressLine(standing), "sent 25 MB, received 300 B, 5 MB/s, 0:00:05");
});

Deno.test("progress of a file shows how much of it is read, and the remaining time", () => {
  const line = progressLine({ ...standing, read: 25_000_000, size: 100_000_000 });
  assertEquals(line, "sent 25 MB, received 300 B, 5 MB/s, 0:00:05, 25 %, ETA 0:00:15");
});

Deno.test("progress of a file that is read has no time left", () => {
  const line = progressLine({ ...standing, seconds: 3725, read: 100, size: 100 });
  assertEquals(line, "sent 25 MB, received 300 B, 5 MB/s, 1:02:05, 100 %");
});

Deno.test("progress of an empty file, and of one that grows, stays within bounds", () => {
  const empty = progressLine({ ...standing, size: 0 });
  assertEquals(empty, "sent 25 MB, received 300 B, 5 MB/s, 0:00:05");
  const grown = progressLine({ ...standing, read: 150, size: 100 });
  assertEquals(grown, "sent 25 MB, received 300 B, 5 MB/s, 0:00:05, 100 %");
});
