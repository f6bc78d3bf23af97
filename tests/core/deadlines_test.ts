import { assert, assertEquals } from "@std/assert";
import { deadline } from "../../src/core/deadlines.ts";
import { sleep, withTimeout } from "../../src/core/time.ts";
import { drainEventLoop, until } from "../support/wait.ts";

/** Waits until that many calls were made, however late the machine makes them. */
const made = (count: number, called: unknown[]) => until(() => called.length >= count, "the calls");

Deno.test("a deadline calls once its time is up, and not before", async () => {
  const start = performance.now();
  const took = await new Promise<number>((resolve) =>
    deadline(30, () => resolve(performance.now() - start))
  );
  assert(took >= 30, `${took} ms`);
});

Deno.test("deadlines of different lengths fire in the order of their expiry", async () => {
  const called: string[] = [];
  // A call is late by as much as the machine is: by less than what lies between these two.
  deadline(500, () => called.push("500"));
  deadline(20, () => called.push("20"));
  deadline(20, () => called.push("20 again"));
  await made(3, called);
  assertEquals(called, ["20", "20 again", "500"]);
});

Deno.test("one that begins later than another of its length has its whole time", async () => {
  const called: number[] = [];
  const start = performance.now();
  const call = () => called.push(performance.now() - start);
  deadline(40, call);
  await sleep(30);
  const second = performance.now() - start;
  deadline(40, call);
  await made(2, called);
  assert(called[1]! >= second + 40, `${called[1]} ms after ${second} ms`);
});

Deno.test("a cancelled deadline never fires, nor delays others", async () => {
  const called: string[] = [];
  const first = deadline(20, () => called.push("first"));
  deadline(20, () => called.push("second"));
  const third = deadline(20, () => called.push("third"));
  first();
  third();
  third();
  deadline(20, () => called.push("last"));
  await made(2, called);
  assertEquals(called, ["second", "last"]);
  first();
});

Deno.test("cancelling after expiry cancels nobody else's deadline of that length", async () => {
  const called: string[] = [];
  const over = deadline(10, () => called.push("over"));
  await made(1, called);
  deadline(10, () => called.push("next"));
  over();
  deadline(10, () => called.push("last"));
  await made(3, called);
  assertEquals(called, ["over", "next", "last"]);
});

Deno.test("a call may set the next deadline", async () => {
  const called: string[] = [];
  deadline(10, () => {
    called.push("one");
    deadline(10, () => called.push("three"));
  });
  deadline(10, () => called.push("two"));
  await made(3, called);
  assertEquals(called, ["one", "two", "three"]);
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Blocks this thread, so that pending I/O waits in the kernel as during a suspension. */
function sleepDeeply(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Milliseconds, in which even a busy machine writes a byte. */
const WHILE = 300;

for (const asleep of ["once", "again while it looks"]) {
  Deno.test(`a deadline that fires late sees what arrived in time, asleep ${asleep}`, async () => {
    const [client, server] = await tcpPair();
    const read = async () => {
      const count = await client.read(new Uint8Array(1));
      await turn(); // As decrypting and parsing messages may need.
      return count;
    };
    const outcome = withTimeout(read(), WHILE, () => new Error("late"));
    if (asleep !== "once") setTimeout(() => sleepDeeply(40), WHILE);
    await server.write(new Uint8Array(1));
    sleepDeeply(WHILE + 20);
    assertEquals(await outcome, 1);
    client.close();
    server.close();
  });
}

Deno.test("a deadline without input expires, late or not, after a look", async () => {
  const start = performance.now();
  const over = new Promise<number>((resolve) => {
    deadline(10, () => resolve(performance.now() - start));
  });
  sleepDeeply(50);
  const took = await over;
  assert(took >= 50, `${took} ms`);
});

Deno.test("a deadline can be cancelled while it looks", async () => {
  const called: string[] = [];
  const cancel = deadline(5, () => called.push("late"));
  sleepDeeply(20);
  await turn(); // The look is under way.
  cancel();
  deadline(5, () => called.push("later than that"));
  await made(1, called);
  assertEquals(called, ["later than that"]);
});

async function tcpPair(): Promise<[Deno.Conn, Deno.Conn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  return [client, await listener.accept()];
}

Deno.test("a deadline that is cancelled by another of the same turn never fires", async () => {
  const called: number[] = [];
  const cancels: (() => void)[] = [];
  for (let number = 0; number < 50; number++) {
    cancels.push(deadline(10, () => {
      called.push(number);
      for (const cancel of cancels) cancel();
    }));
  }
  await until(() => called.length > 0, "the first");
  await drainEventLoop();
  assertEquals(called, [0]);
});

/** The times that all timers were set for while `work` ran, milliseconds. */
async function timersOf(work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  const setRuntimesTimer = globalThis.setTimeout;
  globalThis.setTimeout = ((act: () => void, ms: number) => {
    times.push(ms);
    return setRuntimesTimer(act, ms);
  }) as typeof setTimeout;
  try {
    await work();
  } finally {
    globalThis.setTimeout = setRuntimesTimer;
  }
  return times;
}

Deno.test("no timer is set for a time that has passed while another's call was busy", async () => {
  const times = await timersOf(async () => {
    const called: string[] = [];
    deadline(20, () => sleepDeeply(60));
    for (let later = 0; later < 8; later++) {
      await sleep(1);
      deadline(20, () => called.push("after the busy one"));
    }
    await made(8, called);
  });
  assert(Math.min(...times) >= 0, times.join(", "));
});
