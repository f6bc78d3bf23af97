/** What holds for the ladder of any recording, whatever is in it. */
import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";
import { ladderOf } from "../../src/ladder/layout.ts";
import { LANGUAGES } from "../../src/ladder/words/mod.ts";
import { conversationsOf } from "../../src/record/conversation.ts";
import {
  formatEvent,
  parseEvents,
  type RecordedEvent,
  type TimedStep,
} from "../../src/record/event.ts";
import { below, generator, pick } from "../support/random.ts";
import { printed, svg } from "./pictures.ts";
import { randomRecording } from "./recordings.ts";
import { textsOf } from "./xml.ts";

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** What a terminal may obey, what hides or disguises text, and what XML can't hold. */
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

function optionsFor(seed: number) {
  const random = generator(seed + 1);
  return {
    width: 8 + below(random, 130),
    language: pick(random, LANGUAGES),
    explain: random() < 0.5,
    separate: random() < 0.3,
  };
}

Deno.test("any recording is printed in lines that fit, and control nothing", () => {
  for (const seed of SEEDS) {
    const options = optionsFor(seed);
    for (const line of printed(randomRecording(generator(seed)), options)) {
      assert(stringWidth(line) <= options.width, `seed ${seed}, ${options.width}: ${line}`);
      assert(!HARMFUL.test(line), `seed ${seed}: ${JSON.stringify(line)}`);
    }
  }
});

Deno.test("any recording is a picture in sound XML, and no text in it is markup or controls", () => {
  const tags = new Set<string>();
  for (const seed of SEEDS) {
    for (const { tag, text } of textsOf(svg(randomRecording(generator(seed)), optionsFor(seed)))) {
      tags.add(tag);
      if (tag !== "style") assert(!HARMFUL.test(text), `seed ${seed}: ${JSON.stringify(text)}`);
    }
  }
  assertEquals([...tags].toSorted(), [
    "circle",
    "g",
    "path",
    "rect",
    "style",
    "svg",
    "text",
    "title",
  ]);
});

Deno.test("no byte and no message is left out: arrows and folds add up to what was recorded", () => {
  for (const seed of SEEDS) {
    for (const conversation of conversationsOf(randomRecording(generator(seed)))) {
      const sums = { in: 0, out: 0 };
      for (const event of conversation.events) {
        if (event.event === "data" || event.event === "message") {
          sums[event.dir] += event.payload.data.length;
        }
      }
      const ladder = ladderOf(conversation, optionsFor(seed));
      const before = conversation.events.find(({ event }) => event === "open");
      const { in: up = 0, out: down = 0 } = before?.event === "open" ? before.omitted ?? {} : {};
      const whole = { in: sums.in + up, out: sums.out + down };
      assertEquals({ in: ladder.in.bytes, out: ladder.out.bytes }, whole, `seed ${seed}`);
      const drawn = { in: 0, out: 0 };
      for (const row of ladder.rows) {
        if (row.kind === "arrow") drawn[row.from < row.to ? "in" : "out"] += row.load?.bytes ?? 0;
        if (row.kind === "fold") {
          drawn.in += row.in.bytes;
          drawn.out += row.out.bytes;
        }
      }
      assertEquals(drawn, sums, `seed ${seed}`);
    }
  }
});

Deno.test("rows come in the order of their times, between parties that exist", () => {
  for (const seed of SEEDS) {
    for (const conversation of conversationsOf(randomRecording(generator(seed)))) {
      const { rows, parties } = ladderOf(conversation);
      const times = rows.map(({ t }) => t);
      assertEquals(times, times.toSorted((a, b) => a - b), `seed ${seed}`);
      for (const row of rows) {
        assertEquals(row.lines.length, parties.length);
        const places = row.kind === "arrow"
          ? [row.from, row.to]
          : row.kind === "note"
          ? [row.at]
          : [];
        for (const place of places) assert(parties[place], `seed ${seed}: ${place}`);
        if (row.kind === "arrow") assert(row.from !== row.to, `seed ${seed}`);
      }
    }
  }
});

Deno.test("a recording that was written and read again has the same ladder", () => {
  for (const seed of SEEDS) {
    const events = randomRecording(generator(seed));
    const lines = linesOf(events);
    assertEquals(printed(lines.flatMap(parseEvents)), printed(followed(events)), `seed ${seed}`);
  }
});

/** The events without those steps that no event of their connection follows. */
function followed(events: readonly RecordedEvent[]): RecordedEvent[] {
  return events.filter((event, i) =>
    event.event !== "step" ||
    events.slice(i + 1).some(({ id, event: name }) => id === event.id && name !== "step")
  );
}

function linesOf(events: readonly RecordedEvent[]): string[] {
  const waiting = new Map<number, TimedStep[]>();
  return events.flatMap((event) => {
    const steps = waiting.get(event.id) ?? [];
    if (event.event === "step") {
      const { id, event: _, ...step } = event;
      waiting.set(id, [...steps, step]);
      return [];
    }
    waiting.delete(event.id);
    return formatEvent(event, steps);
  });
}
