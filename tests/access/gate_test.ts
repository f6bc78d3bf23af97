import { assertEquals, assertRejects } from "@std/assert";
import { openGate, type Outside } from "../../src/access/gate.ts";
import { entriesOf, parseList } from "../../src/access/list.ts";
import { UsageError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { until } from "../support/wait.ts";

const names: Record<string, string[]> = { office: ["192.0.2.7", "2001:db8::7"] };

function outside(files: Record<string, { text: string; changed: number }> = {}): Outside {
  const file = (path: string) => {
    if (!files[path]) throw new Error("no such file");
    return files[path];
  };
  return {
    resolve: (name) => Promise.resolve(names[name] ?? []),
    read: file,
    changed: (path) => file(path).changed,
    log: silent,
  };
}

Deno.test("a list has addresses, ranges and names of both families", async () => {
  const list = await parseList(
    ["10.0.0.0/8", "::1", "192.0.2.1", "2001:db8::/32", "office"],
    outside().resolve,
  );
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
    ["fe80::1%eth0", false],
  ];
  for (const [ip, expected] of cases) assertEquals(list(ip), expected, ip);
});

Deno.test("what is no entry is refused", async () => {
  for (const entry of ["10.0.0.0/33", "::/129", "1.2.3", "a/8", "a b", "-x"]) {
    await assertRejects(() => parseList([entry], outside().resolve), Error, "expected an address");
  }
});

Deno.test("a file has entries by line, blank or comma, and comments", () => {
  assertEquals(entriesOf("10.0.0.1 # one\n\n::1,  10.0.0.2\n# none\n"), [
    "10.0.0.1",
    "::1",
    "10.0.0.2",
  ]);
});

Deno.test("deny wins, allow opens, and Unix peers always come in", async () => {
  const admit = await openGate(["127.0.0.0/8"], ["127.0.0.2"], outside());
  assertEquals(admit("127.0.0.1:80"), undefined);
  assertEquals(admit("127.0.0.2:80"), "--deny lists it");
  assertEquals(admit("[::1]:80"), "--allow doesn't list it");
  assertEquals(admit("unix:/run/x#1"), undefined);
  const open = await openGate([], ["::1"], outside());
  assertEquals([open("1.2.3.4:1"), open("[::1]:1")], [undefined, "--deny lists it"]);
});

Deno.test("a file is read again when it changes, and stays as it was when it becomes bad", async () => {
  const files = { list: { text: "127.0.0.1", changed: 1 } };
  const admit = await openGate([], ["@list"], outside(files));
  assertEquals(admit("127.0.0.1:1"), "--deny lists it");
  files.list = { text: "127.0.0.2", changed: 2 };
  await until(() => admit("127.0.0.1:1") === undefined, "the new list");
  assertEquals(admit("127.0.0.2:1"), "--deny lists it");
  files.list = { text: "nonsense/99", changed: 3 };
  await until(async () => {
    admit("127.0.0.2:1");
    await Promise.resolve();
    return true;
  }, "another look");
  assertEquals(admit("127.0.0.2:1"), "--deny lists it");
});

Deno.test("a file that can't be read is a usage error that names it", async () => {
  await assertRejects(() => openGate(["@none"], [], outside()), UsageError, "--allow @none");
});
