import { assert, assertEquals } from "@std/assert";
import { Shares } from "../../src/core/buffer_shares.ts";
import { BufferPool } from "../../src/core/buffers.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** A pool whose large buffers may take so much together. */
const poolOf = (budget: number) => new BufferPool(new Shares(budget));

/** A lease of a connection that has carried 16 MiB before, after `reads` full reads. */
function busy(pool: BufferPool, reads: number) {
  const lease = pool.lease();
  lease.fit(16 * MiB);
  for (let i = 0; i < reads; i++) lease.fit(lease.bytes.length);
  return lease;
}

Deno.test("a buffer starts small and grows fourfold with each full read, up to 1 MiB", () => {
  const lease = busy(new BufferPool(), 0);
  const sizes = [lease.bytes.length];
  for (let i = 0; i < 6; i++) {
    lease.fit(lease.bytes.length);
    sizes.push(lease.bytes.length);
  }
  assertEquals(sizes, [KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, MiB, MiB]);
});

Deno.test("a buffer shrinks when reads fill less than a sixteenth of it", () => {
  const lease = busy(new BufferPool(), 2);
  lease.fit(4 * KiB);
  assertEquals(lease.bytes.length, 64 * KiB);
  lease.fit(4 * KiB - 1);
  assertEquals(lease.bytes.length, 16 * KiB);
  lease.fit(1);
  lease.fit(1);
  assertEquals(lease.bytes.length, KiB);
});

Deno.test("messages a little longer than the smallest size come in one read each, but the first", () => {
  const lease = busy(new BufferPool(), 1);
  lease.fit(400); // The rest of the first.
  for (let i = 0; i < 3; i++) {
    assertEquals(lease.bytes.length, 16 * KiB);
    lease.fit(1400);
  }
  lease.fit(1);
  lease.fit(1);
  assertEquals(lease.bytes.length, KiB);
});

Deno.test("large buffers together stay under the budget", () => {
  const pool = poolOf(2 * MiB);
  const leases = Array.from({ length: 50 }, () => busy(pool, 10));
  const large = leases.map(({ bytes }) => bytes.length).filter((size) => size > 64 * KiB);
  assert(large.reduce((a, b) => a + b) <= 2 * MiB);
  assert(leases.every(({ bytes }) => bytes.length >= 64 * KiB));
});

Deno.test("buffers that were given back and are taken again count as well", () => {
  const pool = poolOf(MiB);
  const quiet = busy(pool, 4);
  for (let i = 0; i < 4; i++) quiet.fit(1);
  const others = Array.from({ length: 3 }, () => busy(pool, 3));
  const again = busy(pool, 4);
  const sum = [...others, again].map(({ bytes }) => bytes.length).reduce((a, b) => a + b);
  assert(sum <= MiB, `${sum} bytes are out`);
});

Deno.test("a buffer that can't grow for the budget stays as it is", () => {
  const pool = poolOf(MiB);
  const lease = busy(pool, 3);
  const other = busy(pool, 3);
  const { bytes } = lease;
  assertEquals(bytes.length, 256 * KiB);
  lease.fit(bytes.length);
  assert(lease.bytes === bytes);
  other.release();
  lease.release();
});

Deno.test("a released buffer isn't reused by others: a write may still be reading it", () => {
  const pool = new BufferPool();
  const gone = busy(pool, 4);
  gone.release();
  for (let i = 0; i < 10; i++) assert(busy(pool, 4).bytes !== gone.bytes);
});

Deno.test("a small buffer is lent again, but only once nothing reads or writes it", () => {
  const pool = new BufferPool();
  const done = pool.lease();
  const { bytes } = done;
  done.release(true);
  const again = pool.lease();
  assert(again.bytes === bytes);
  assert(pool.lease().bytes !== bytes, "it is lent already");
  again.release();
  assert(pool.lease().bytes !== bytes);
});

Deno.test("no more than 256 small buffers are kept, and no larger ones", () => {
  const pool = new BufferPool();
  const leases = Array.from({ length: 300 }, () => pool.lease());
  const all = new Set(leases.map(({ bytes }) => bytes));
  for (const lease of leases) lease.release(true);
  const kept = leases.filter(() => all.has(pool.lease().bytes));
  assertEquals(kept.length, 256);
  const larger = busy(pool, 1);
  larger.release(true);
  assertEquals(pool.lease().bytes.length, KiB);
});

Deno.test("a released budget can be used again", () => {
  const pool = poolOf(MiB);
  const first = busy(pool, 4);
  assertEquals(first.bytes.length, MiB);
  assertEquals(busy(pool, 4).bytes.length, 64 * KiB);
  first.release();
  assertEquals(busy(pool, 4).bytes.length, MiB);
});

Deno.test("a buffer can shrink when the budget is spent", () => {
  const pool = poolOf(MiB);
  const lease = busy(pool, 4);
  lease.fit(1);
  assertEquals(lease.bytes.length, 64 * KiB);
});

Deno.test("a connection that goes quiet after a burst holds no share of the budget", () => {
  const pool = poolOf(MiB);
  busy(pool, 4).fit(MiB - 1);
  assertEquals(busy(pool, 4).bytes.length, MiB);
});

Deno.test("a buffer that goes from burst to burst comes back to the same small one", () => {
  const lease = busy(new BufferPool(), 2);
  const own = lease.bytes;
  for (let burst = 0; burst < 3; burst++) {
    for (let i = 0; i < 2; i++) lease.fit(lease.bytes.length);
    assertEquals(lease.bytes.length, MiB);
    lease.fit(1);
    assert(lease.bytes === own);
  }
});
