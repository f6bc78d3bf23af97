/** Every mode against echoes in memory: correct ones are measured, faulty ones are detected. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describeLosses, measure, type Result } from "../../src/bench/measure.ts";
import { type Dial, type Mode, MODES, type Settings } from "../../src/bench/settings.ts";
import type { Connection } from "../../src/core/duplex.ts";
import { BrokenError, ExpectationError } from "../../src/core/errors.ts";
import { soon } from "../support/wait.ts";
import {
  corrupting,
  type Habit,
  honest,
  losing,
  messageEcho,
  mute,
  repeating,
  SETTINGS,
  streamEcho,
  swapping,
} from "./echoes.ts";

const ECHOES: Record<string, (habit: Habit) => Connection> = {
  stream: (habit) => streamEcho(habit, habit === mute),
  message: (habit) => messageEcho(habit),
};

function run(
  mode: Mode,
  dial: () => Connection,
  settings: Partial<Settings> = {},
): Promise<Result> {
  const asked: Dial = async () => await dial();
  return soon(measure(mode, asked, { ...SETTINGS, ...settings }, { count: 0 }), mode);
}

/** How much has been measured. */
function amount(result: Result): number {
  if (result.mode === "stream") return result.bytes;
  return result.mode === "rtt" ? result.histogram.totalCount : result.count;
}

for (const [framing, echo] of Object.entries(ECHOES)) {
  for (const mode of MODES) {
    Deno.test(`${mode} measures a correct echo, ${framing}`, async () => {
      for (const connections of [1, 3]) {
        const result = await run(mode, () => echo(honest), { connections });
        assert(amount(result) > 3, `${amount(result)}`);
        assertEquals(result.losses, undefined);
      }
    });

    Deno.test(`${mode} doesn't wait for ever for a peer that doesn't echo, ${framing}`, async () => {
      const measured = run(mode, () => echo(mute), { answerTimeout: 100 });
      const { message } = await assertRejects(() => measured, ExpectationError);
      assertMatch(message, /nothing came back for 0.1 s/);
    });
  }

  for (const [name, habit] of Object.entries({ corrupting, losing, repeating, swapping })) {
    Deno.test(`stream detects a ${name} echo, ${framing}`, async () => {
      const chosen = habit === swapping ? swapping() : habit as Habit;
      await assertRejects(
        () => run("stream", () => echo(chosen), { answerTimeout: 200, duration: 5000 }),
        ExpectationError,
      );
    });
  }

  for (const mode of ["rtt", "connect"] as const) {
    Deno.test(`${mode} detects an echo that changes a byte, ${framing}`, async () => {
      let visits = 0;
      const always: Habit = (piece) => corrupting(piece, 3);
      const dial = () => echo(mode === "rtt" ? corrupting : visits++ < 3 ? honest : always);
      await assertRejects(() => run(mode, dial), ExpectationError, "0x");
    });
  }
}

Deno.test("every mode accepts an echo that doesn't close after our EOF", async () => {
  for (const mode of MODES) assert(amount(await run(mode, () => streamEcho(honest, true))) > 0);
});

Deno.test("connect waits once for the EOF of an echo that doesn't close after ours", async () => {
  const result = await run("connect", () => streamEcho(honest, true), { duration: 400 });
  assert(amount(result) > 10, `${amount(result)} connections`);
});

for (const [framing, echo] of Object.entries(ECHOES)) {
  Deno.test(`connect detects an echo that sends more than it received, ${framing}`, async () => {
    const adding: Habit = (piece) => [piece, piece.subarray(0, 1)];
    await assertRejects(() => run("connect", () => echo(adding)), ExpectationError);
  });
}

Deno.test("every mode reports bytes that came after all was back", async () => {
  const dial = () => {
    const connection = streamEcho(honest);
    let over = false;
    const read = async (buffer: Uint8Array) => {
      const count = await connection.read(buffer);
      if (count !== null || over) return count;
      over = true;
      return 1;
    };
    return Object.assign(Object.create(connection), { read });
  };
  for (const mode of MODES) {
    await assertRejects(() => run(mode, dial), ExpectationError, "never sent");
  }
});

Deno.test("stream reports how much is missing when the peer has closed", async () => {
  const dial = () => Object.assign(streamEcho(mute), { read: () => Promise.resolve(null) });
  const { message } = await assertRejects(() => run("stream", dial), ExpectationError);
  assertMatch(message, /\d+ of \d+ bytes did not come back: the peer has ended/);
});

Deno.test("a connection that breaks is reported as broken in every mode", async () => {
  const broken = () => Promise.reject(new BrokenError("receive from", "echo", "reset by peer"));
  for (const mode of MODES) {
    const dial = () => Object.assign(streamEcho(honest), { read: broken });
    await assertRejects(() => run(mode, dial), BrokenError);
  }
});

Deno.test("a refused connection closes those that are open, in every mode", async () => {
  for (const mode of MODES) {
    let dials = 0;
    const connections: Connection[] = [];
    const dial = () => {
      if (++dials === 3) throw new BrokenError("connect", "echo", "refused");
      connections.push(streamEcho(honest));
      return connections.at(-1)!;
    };
    await assertRejects(() => run(mode, dial, { connections: 3 }), BrokenError, "refused");
    await soon(Promise.all(connections.map((connection) => connection.closed)), "all are closed");
  }
});

Deno.test("where messages may get lost, the lost are counted and the rest is measured", async () => {
  const lossy = (piece: Uint8Array, index: number) => index % 10 === 3 ? [] : [piece];
  const { losses, ...result } = await run("stream", () => messageEcho(lossy), { lossy: true });
  assert(amount(result as Result) > 0);
  assert(losses!.lost >= Math.floor(losses!.sent / 10) && losses!.lost < losses!.sent / 5);
  assertMatch(describeLosses(losses!)!, /^of \d+ datagrams, \d+ lost$/);
});

Deno.test("a lost answer doesn't end the exchanges", async () => {
  const { losses, ...result } = await run("rtt", () => messageEcho(losing), {
    lossy: true,
    duration: 1200,
  });
  assertEquals(losses!.lost, 1);
  assertEquals(amount(result as Result), losses!.sent - 1);
});

Deno.test("where messages may get lost they may also come twice or in another order", async () => {
  const twice = await run("stream", () => messageEcho(repeating), { lossy: true });
  assertEquals(twice.losses!.duplicates, 1);
  assertMatch(describeLosses(twice.losses!)!, /^of \d+ datagrams, 1 back twice$/);
  const swapped = await run("stream", () => messageEcho(swapping()), { lossy: true });
  assertEquals(describeLosses(swapped.losses!), undefined);
});

Deno.test("wrong bytes are an error even where messages may get lost", async () => {
  for (const mode of ["stream", "rtt"] as const) {
    const measured = run(mode, () => messageEcho(corrupting), { lossy: true });
    await assertRejects(() => measured, ExpectationError, "message 3 came back with");
  }
});
