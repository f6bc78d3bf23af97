import { assert, assertEquals } from "@std/assert";
import { groupLimits, memoryLimit } from "../../src/platform/memory.ts";

Deno.test("the memory that may be used is known, and no more than the machine has", () => {
  const limit = memoryLimit();
  assert(limit > 0 && limit <= Deno.systemMemoryInfo().total, `${limit} bytes`);
});

Deno.test("a control group's limit counts, and that of every group around it", () => {
  const files: Record<string, string> = {
    "/proc/self/cgroup": "0::/system.slice/coax.service\n",
    "/sys/fs/cgroup/system.slice/coax.service/memory.max": "max\n",
    "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
  };
  const limits = groupLimits((path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return text;
  });
  assertEquals(Math.min(...limits), 2 ** 30);
});

Deno.test("without control groups only the machine's memory is a limit", () => {
  const limits = groupLimits((path) => {
    throw new Deno.errors.NotFound(path);
  });
  assertEquals(Math.min(...limits), Infinity);
});
