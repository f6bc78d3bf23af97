import { assertEquals } from "@std/assert";
import { budgetFor, LARGEST, Share, Shares } from "../../src/core/buffer_shares.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
/** What shows that a connection's reader reads. */
const PROVEN = 16 * MiB;

for (
  const [memory, budget] of [
    [0, 16 * MiB],
    [512 * MiB, 16 * MiB],
    [4 * GiB, 64 * MiB],
    [16 * GiB, 256 * MiB],
    [1024 * GiB, 256 * MiB],
  ] as const
) {
  Deno.test(`of ${memory / GiB} GiB large buffers may take ${budget / MiB} MiB`, () => {
    assertEquals(budgetFor(memory), budget);
  });
}

interface Case {
  readonly name: string;
  /** Those that have a share. */
  readonly holders: { readonly count: number; readonly size: number };
  /** How long they haven't moved, milliseconds. */
  readonly idle: number;
  /** What another one asks for, having carried so much; and whether it gets that. */
  readonly wanted: { readonly size: number; readonly carried: number };
  readonly gets: boolean;
}

/** The budget in these cases: the least there is. */
const BUDGET = 16 * MiB;
const SMALL = 256 * KiB;
const NEW = { size: SMALL, carried: 0 };
const BUSY = { size: LARGEST, carried: PROVEN };

const CASES: readonly Case[] = [
  {
    name: "while there is room, everybody gets 256 KiB",
    holders: { count: 63, size: SMALL },
    idle: 0,
    wanted: NEW,
    gets: true,
  },
  {
    name: "with a full budget nobody gets more",
    holders: { count: 64, size: SMALL },
    idle: 0,
    wanted: NEW,
    gets: false,
  },
  {
    name: "buffers that have just moved aren't set aside",
    holders: { count: 64, size: SMALL },
    idle: 999,
    wanted: NEW,
    gets: false,
  },
  {
    name: "buffers that haven't moved for a second leave the budget to those that move",
    holders: { count: 64, size: SMALL },
    idle: 1000,
    wanted: NEW,
    gets: true,
  },
  {
    name: "1 MiB is for connections that have carried 16",
    holders: { count: 0, size: 0 },
    idle: 0,
    wanted: { size: LARGEST, carried: PROVEN - 1 },
    gets: false,
  },
  {
    name: "a connection that has carried 16 MiB gets 1",
    holders: { count: 15, size: LARGEST },
    idle: 0,
    wanted: BUSY,
    gets: true,
  },
  {
    name: "stalled buffers of 1 MiB leave their place as well",
    holders: { count: 16, size: LARGEST },
    idle: 1000,
    wanted: BUSY,
    gets: true,
  },
];

/** Shares of `holders`, and what lets time pass. */
function held(budget: number, { count, size }: Case["holders"]) {
  let time = 0;
  const shares = new Shares(budget, () => time);
  const all = Array.from({ length: count }, () => new Share());
  for (const share of all) shares.grow(share, size, PROVEN);
  return { shares, all, pass: (ms: number) => void (time += ms) };
}

for (const { name, holders, idle, wanted, gets } of CASES) {
  Deno.test(name, () => {
    const { shares, pass } = held(BUDGET, holders);
    pass(idle);
    const share = new Share();
    assertEquals(shares.grow(share, wanted.size, wanted.carried), gets);
    assertEquals(share.size, gets ? wanted.size : 0);
  });
}

Deno.test("with a large budget 16 buffers have 1 MiB, and the others 256 KiB", () => {
  const { shares, all } = held(256 * MiB, { count: 512, size: SMALL });
  const grown = all.filter((share) => shares.grow(share, LARGEST, PROVEN));
  assertEquals(grown.length, 16);
  assertEquals(all.reduce((sum, { size }) => sum + size, 0), 16 * MiB + 496 * SMALL);
});

Deno.test("however many stall, they take a quarter of the budget beside it and no more", () => {
  const { shares, pass } = held(BUDGET, { count: 0, size: 0 });
  let lent = 0;
  for (let i = 0; i < 1000; i++) {
    if (shares.grow(new Share(), SMALL, 0)) lent += SMALL;
    pass(1000);
  }
  assertEquals(lent, BUDGET + BUDGET / 4);
});

Deno.test("a buffer that moves again after a stall keeps its share only where there is room", () => {
  const { shares, all, pass } = held(BUDGET, { count: 64, size: SMALL });
  pass(1000);
  const busy = Array.from({ length: 16 }, () => new Share());
  for (const share of busy) assertEquals(shares.grow(share, SMALL, 0), true);
  const [first, second] = all;
  assertEquals([shares.moved(first!), first!.size], [false, 0]);
  shares.release(busy[0]!);
  assertEquals([shares.moved(second!), second!.size], [true, SMALL]);
});

Deno.test("what is released can be lent again, also what had stalled", () => {
  const { shares, all, pass } = held(BUDGET, { count: 64, size: SMALL });
  pass(1000);
  shares.grow(new Share(), SMALL, 0);
  for (const share of all) shares.release(share);
  const others = Array.from({ length: 63 }, () => new Share());
  assertEquals(others.every((share) => shares.grow(share, SMALL, 0)), true);
  assertEquals(shares.grow(new Share(), SMALL, 0), false);
});
