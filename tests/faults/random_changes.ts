/** Toxics that come, change and go at random, and take no byte. */
import { attributesOf, type Toxics, type ToxicType } from "../../src/faults/mod.ts";
import { below, type Generator, pick } from "../support/random.ts";
import { toxic } from "./support.ts";

/** Attributes that take no byte and no great time, for each type that can do without. */
export const HARMLESS: Partial<Record<ToxicType, (random: Generator) => Record<string, number>>> = {
  latency: (random) => ({ latency: below(random, 12), jitter: below(random, 4) }),
  bandwidth: (random) => ({ rate: 1 + below(random, 5000) }),
  slow_close: (random) => ({ delay: below(random, 12) }),
  slicer: (random) => ({
    average_size: below(random, 300),
    size_variation: below(random, 300),
    delay: below(random, 300),
  }),
  limit_data: () => ({ bytes: 1e9 }),
  noop: () => ({}),
  slow_open: (random) => ({ delay: below(random, 12) }),
  limit_time: () => ({ time: 1e9 }),
  stall: () => ({ bytes: 1e9 }),
  chop: (random) => ({ size: below(random, 300) }),
  corrupt: () => ({ probability: 0 }),
  loss: () => ({ probability: 0 }),
  duplicate: () => ({ probability: 0 }),
};

/** Those that hold all back, to be changed or removed. */
const HOLDING: [ToxicType, Record<string, number>][] = [
  ["latency", { latency: 1e7 }],
  ["bandwidth", { rate: 0 }],
  ["slow_open", { delay: 1e7 }],
  ["slow_close", { delay: 1e7 }],
  ["slicer", { average_size: 9, delay: 1e10 }],
  ["stall", { bytes: 0 }],
];

/** Makes one random change: adds a toxic, updates one or removes one. */
function change(all: Toxics, random: Generator, number: number): void {
  const list = all.list();
  if (list.length === 0 || (list.length < 4 && random() < 0.6)) {
    const stream = pick(random, ["upstream", "downstream"] as const);
    const toxicity = pick(random, [1, 1, 0.5]);
    const type = pick(random, Object.keys(HARMLESS) as ToxicType[]);
    const [chosen, attributes] = random() < 0.2
      ? pick(random, HOLDING)
      : [type, HARMLESS[type]!(random)] as const;
    all.add(toxic(chosen, attributes, { name: `${number}`, stream, toxicity }));
  } else {
    const { name, type } = pick(random, list);
    if (random() < 0.5) return all.remove(name);
    const attributes = attributesOf(type, HARMLESS[type]!(random));
    all.update(name, { attributes, toxicity: pick(random, [0, 0.5, 1]) });
  }
}

/** Makes that many changes, one each millisecond or so; in the end there are no toxics. */
export async function changeAtRandom(
  all: Toxics,
  random: Generator,
  times: number,
): Promise<void> {
  for (let i = 0; i < times; i++) {
    change(all, random, i);
    await new Promise((resolve) => setTimeout(resolve, below(random, 3)));
  }
  all.clear();
}
