import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { openAccessControl } from "../../src/access/access_control.ts";
import { entriesOf, parseList } from "../../src/access/list.ts";
import type { HostFunctions } from "../../src/access/list_file.ts";
import { ResolveError, UsageError } from "../../src/core/errors.ts";
import { parseIp } from "../../src/address/ip.ts";
import { recorder } from "../support/log.ts";

const names: Record<string, string[]> = { office: ["192.0.2.7", "2001:db8::7"] };

interface File {
  text: string;
  /** When it was changed; 0 for something that can be read once only. */
  changed: number;
  recent?: boolean;
}

/** Supplies files, names and time from memory. */
class World implements HostFunctions {
  readonly files = new Map<string, File>();
  reads = 0;
  readonly #recorder = recorder();
  readonly log = this.#recorder.log;
  readonly #looks: (() => Promise<void>)[] = [];

  resolve(name: string): Promise<string[]> {
    if (names[name]) return Promise.resolve(names[name]);
    return Promise.reject(new ResolveError("resolve", name, "no address is known for this name"));
  }

  stamp(path: string) {
    return this.#file(
      path,
      ({ changed, recent = false }) => changed === 0 ? undefined : { id: `${changed}`, recent },
    );
  }

  read(path: string) {
    this.reads++;
    return this.#file(path, ({ text }) => text);
  }

  #file<T>(path: string, ask: (file: File) => T): Promise<T> {
    const file = this.files.get(path);
    return file ? Promise.resolve(ask(file)) : Promise.reject(new Error("no such file"));
  }

  poll(look: () => Promise<void>): void {
    this.#looks.push(look);
  }

  /** Advances the clock by `ms`. */
  async pass(): Promise<void> {
    await Promise.all(this.#looks.map((look) => look()));
  }

  /** Returns what has been logged since the last call. */
  takeLog(): string[] {
    return this.#recorder.events.splice(0).map(({ level, text }) => `${level}: ${text}`);
  }
}

async function has(entries: string[], ip: string): Promise<boolean> {
  const list = await parseList(
    entries.map((text) => ({ text })),
    (name) => new World().resolve(name),
  );
  return list.has(parseIp(ip)!);
}

Deno.test("a list has addresses, ranges and names of both families", async () => {
  const list = ["10.9.9.9/8", "::1", "192.0.2.1", "2001:db8::/32", "office", "fe80::1%lo"];
  const cases: [string, boolean][] = [
    ["10.255.0.1", true],
    ["11.0.0.1", false],
    ["::1", true],
    ["::2", false],
    ["192.0.2.1", true],
    ["192.0.2.2", false],
    ["192.0.2.7", true],
    ["2001:db8:ffff::1", true],
    ["::ffff:10.1.2.3", true],
    ["fe80::1%eth0", true],
    ["fe80::2%eth0", false],
  ];
  for (const [ip, expected] of cases) assertEquals(await has(list, ip), expected, ip);
});

Deno.test("what is no entry is refused", async () => {
  for (const entry of ["10.0.0.0/33", "::/129", "1.2.3", "a/8", "a b", "-x"]) {
    await assertRejects(() => has([entry], "::1"), Error, "expected an address");
  }
});

Deno.test("a file has entries by line, blank or comma, and comments", () => {
  assertEquals([...entriesOf("10.0.0.1 # one\r\n\n::1,  10.0.0.2#two\n# none, a\n")], [
    { text: "10.0.0.1", line: 1 },
    { text: "::1", line: 3 },
    { text: "10.0.0.2", line: 3 },
  ]);
});

Deno.test("deny wins, allow opens, and Unix peers always come in", async () => {
  const admit = await openAccessControl(["127.0.0.0/8"], ["127.0.0.2"], new World());
  assertEquals(admit("127.0.0.1:80"), undefined);
  assertEquals(admit("127.0.0.2:80"), "--deny lists it");
  assertEquals(admit("[::1]:80"), "--allow doesn't list it");
  assertEquals(admit("unix:/run/x#1"), undefined);
  const open = await openAccessControl([], ["::1", "fe80::/10"], new World());
  assertEquals([open("1.2.3.4:1"), open("[::1]:1")], [undefined, "--deny lists it"]);
  assertEquals(open("[fe80::1%br-0:a/b]:1"), "--deny lists it");
});

Deno.test("a range of mapped addresses denies and allows IPv4 peers", async () => {
  for (const range of ["::ffff:127.0.0.0/104", "::ffff:0:0/96", "::ffff:7f00:0/104"]) {
    assertEquals(
      (await openAccessControl([], [range], new World()))("127.0.0.1:1"),
      "--deny lists it",
    );
    assertEquals((await openAccessControl([range], [], new World()))("127.0.0.1:1"), undefined);
    assertEquals(
      (await openAccessControl([range], [], new World()))("[::1]:1"),
      "--allow doesn't list it",
    );
  }
  assertEquals((await openAccessControl([], ["::/0"], new World()))("127.0.0.1:1"), undefined);
});

/** Access control by one file that denies 127.0.0.1 only. */
async function denying() {
  const world = new World();
  world.files.set("list", { text: "127.0.0.1", changed: 1 });
  const admit = await openAccessControl([], ["@list"], world);
  const denied = () => [1, 2, 3].filter((n) => admit(`127.0.0.${n}:1`) !== undefined);
  assertEquals(denied(), [1]);
  return { world, denied };
}

Deno.test("the peer that comes next after a change is judged by the new list", async () => {
  const { world, denied } = await denying();
  world.files.set("list", { text: "127.0.0.2", changed: 2 });
  await world.pass();
  assertEquals(denied(), [2]);
  assertEquals(world.takeLog(), ["info: --deny @list: the list has been read again"]);
  const { reads } = world;
  await world.pass();
  assertEquals([world.reads, world.takeLog()], [reads, []]);
});

Deno.test("a list that has become bad, is gone or is no file is logged once, and the last good one stays", async () => {
  const { world, denied } = await denying();
  const wrong: [File | undefined, RegExp][] = [
    [{ text: "127.0.0.2\nnonsense/99", changed: 2 }, /@list: line 2: expected an address.*99"/],
    [undefined, /--deny @list: can't be read: no such file/],
    [{ text: "127.0.0.2", changed: 0 }, /--deny @list: can't be read again/],
    [{ text: "127.0.0.2\nnowhere", changed: 3 }, /nowhere: no address is known/],
  ];
  for (const [file, why] of wrong) {
    if (file) world.files.set("list", file);
    else world.files.delete("list");
    for (let i = 0; i < 3; i++) await world.pass();
    assertEquals(denied(), [1]);
    const [line, ...more] = world.takeLog();
    assertMatch(line!, why);
    assertMatch(line!, /^error: .*; the list stays as it was$/);
    assertEquals(more, []);
  }
  names.nowhere = ["127.0.0.3"];
  await world.pass();
  delete names.nowhere;
  assertEquals(denied(), [2, 3]);
  assertEquals(world.takeLog(), ["info: --deny @list: the list has been read again"]);
});

Deno.test("a change that the clock of the file system doesn't show counts as well", async () => {
  const { world, denied } = await denying();
  world.files.set("list", { text: "127.0.0.2", changed: 2, recent: true });
  await world.pass();
  world.files.set("list", { text: "127.0.0.3", changed: 2, recent: true });
  await world.pass();
  assertEquals(denied(), [3]);
  world.takeLog();
  for (let i = 0; i < 3; i++) await world.pass();
  assertEquals(world.takeLog(), []);
  world.files.set("list", { text: "127.0.0.2", changed: 2 });
  await world.pass();
  assertEquals(denied(), [2]);
});

Deno.test("one file that can't be read doesn't keep another from counting", async () => {
  const world = new World();
  world.files.set("one", { text: "127.0.0.1", changed: 1 });
  world.files.set("two", { text: "127.0.0.2", changed: 1 });
  const admit = await openAccessControl([], ["@one", "@two", "127.0.0.9"], world);
  world.files.delete("one");
  world.files.set("two", { text: "127.0.0.3", changed: 2 });
  await world.pass();
  const denied = [1, 2, 3, 9].filter((n) => admit(`127.0.0.${n}:1`) !== undefined);
  assertEquals(denied, [1, 3, 9]);
});

Deno.test("a pipe is read once", async () => {
  const world = new World();
  world.files.set("fifo", { text: "127.0.0.1", changed: 0 });
  await openAccessControl(["@fifo"], [], world);
  await world.pass();
  assertEquals([world.reads, world.takeLog()], [1, []]);
});

Deno.test("a file that can't be read is a usage error that names it", async () => {
  await assertRejects(
    () => openAccessControl(["@none"], [], new World()),
    UsageError,
    "--allow @none: can't be read: no such file",
  );
});

Deno.test("a list of 100,000 lines is read in steps, and no peer causes a scan of it", async () => {
  const lines = Array.from(
    { length: 100_000 },
    (_, i) => `10.${i >> 16}.${i >> 8 & 255}.${i & 255}`,
  );
  let turns = 0;
  let over = false;
  const turn = () => {
    turns++;
    if (!over) setTimeout(turn, 0);
  };
  turn();
  const list = await parseList(entriesOf(lines.join("\n")), () => Promise.resolve([]));
  over = true;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert(turns > 5, `the loop turned ${turns} times meanwhile`);
  assert(list.has(parseIp("10.1.134.159")!) && !list.has(parseIp("10.1.134.160")!));
  // A linear scan of this many entries would take minutes.
  const stranger = parseIp("192.0.2.1")!;
  for (let i = 0; i < 100_000; i++) assert(!list.has(stranger));
});
