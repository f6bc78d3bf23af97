/** What coax does on systems other than the one that the tests run on. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { handleSignals } from "../../src/cli/signals.ts";
import { AddressError, UnavailableError, UsageError } from "../../src/core/errors.ts";
import { echo } from "../../src/commands/echo.ts";
import { silent } from "../../src/core/log.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import { platform } from "../../src/platform/platform.ts";
import { writeFile } from "../../src/record/file.ts";
import { Sink } from "../../src/record/sink.ts";
import { setUmask } from "../../src/transports/umask.ts";
import { temporary } from "../e2e/coax.ts";
import { encode } from "../support/connections.ts";
import { pretend } from "../support/system.ts";
import { bind } from "../support/transports.ts";

Deno.test("each system is known by its name, and others are taken for POSIX", () => {
  for (const [os, name] of [["linux", "Linux"], ["darwin", "macOS"], ["windows", "Windows"]]) {
    using _ = pretend(os as typeof Deno.build.os);
    assertEquals(platform().name, name);
  }
  using _ = pretend("freebsd");
  const { processGroups, fileModes, linuxSockets, libc, signals } = platform();
  assertEquals([processGroups, fileModes, linuxSockets, libc], [true, true, false, undefined]);
  assertEquals(signals.length, 4);
});

Deno.test("a Unix socket is refused on Windows, whatever its path", () => {
  using _ = pretend("windows");
  for (
    const text of [
      "unixgram:x",
      "unix:@x",
      "unix:C:\\x",
      "unix:x",
      "unix:///C:/x",
      "ws+unix:C:\\x:/y",
      "UNIX:x",
    ]
  ) {
    assertThrows(() => parseAddress(text), AddressError, `"${text}": Deno has no Unix sockets on`);
  }
});

Deno.test("processes share a port's connections on Linux alone", async () => {
  for (const os of ["darwin", "windows", "freebsd"] as const) {
    using _ = pretend(os);
    const parsed = parseArguments(echo, ["0", "--reuse-port"]);
    await assertRejects(
      () => echo.run({ ...parsed, log: silent, stop: new AbortController().signal }),
      UsageError,
      "--reuse-port: only Linux shares the connections of a port out among processes",
    );
  }
});

Deno.test("a Unix path is as long as the system's sockaddr takes", () => {
  for (const [os, most] of [["linux", 107], ["darwin", 103]] as const) {
    using _ = pretend(os);
    const path = "/" + "x".repeat(most - 1);
    assertEquals(parseAddress(`unix:${path}`), {
      scheme: "unix",
      path,
      text: `unix:${path}`,
    });
    assertThrows(() => parseAddress(`unix:${path}x`), AddressError, `at most ${most} bytes`);
  }
});

Deno.test("a backslash in exec: quotes, and on Windows belongs to a path", () => {
  const wordsOf = (text: string) => (parseAddress(text) as { words?: readonly string[] }).words;
  assertEquals(wordsOf("exec:a\\ b 'c d'"), ["a b", "c d"]);
  using _ = pretend("windows");
  assertEquals(wordsOf("exec:C:\\bin\\a.exe 'a b' \"C:\\new folder\\\" \\"), [
    "C:\\bin\\a.exe",
    "a b",
    "C:\\new folder\\",
    "\\",
  ]);
});

Deno.test("every interface is both families, bound by one socket or by two", async () => {
  const [listener, ...more] = await bind(":0");
  const port = listener!.addresses[0]!.split(":").at(-1)!;
  assertEquals(listener!.addresses, [`tcp://0.0.0.0:${port}`, `tcp://[::]:${port}`]);
  for (const each of [listener!, ...more]) each.close();
});

Deno.test("where :: doesn't take IPv4, a port that is in use there isn't claimed", async () => {
  using _ = pretend("windows");
  for (const address of [":0", "udp://:0"]) {
    // This system's `::` takes the port in both families.
    await assertRejects(() => bind(address), UnavailableError, "address in use");
  }
});

Deno.test("without modes of files none is set", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  await Deno.writeTextFile(path, "old", { mode: 0o644 });
  await Deno.chmod(path, 0o644);
  {
    using _ = pretend("windows");
    assertEquals(setUmask(0o77), undefined);
    await writeFile(path, true, [encode("new")]);
    new Sink(path, true, () => {}).close();
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o644);
  }
  await writeFile(path, true, [encode("new")]);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("without a count of a file's names it isn't taken for removed", async () => {
  await using temp = await temporary();
  const sink = new Sink(`${temp.path}/r`, false, () => {});
  await Deno.remove(`${temp.path}/r`);
  assertEquals(sink.isRemoved, true);
  using _ = pretend("windows");
  assertEquals(sink.isRemoved, false);
  sink.close();
});

Deno.test("only signals that the system has are handled", () => {
  for (
    const [os, signals] of [
      ["windows", ["SIGINT"]],
      ["darwin", ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"]],
    ] as const
  ) {
    using _ = pretend(os);
    const { addSignalListener, removeSignalListener } = Deno;
    const [added, removed]: [Deno.Signal[], Deno.Signal[]] = [[], []];
    Deno.addSignalListener = (signal) => void added.push(signal);
    Deno.removeSignalListener = (signal) => void removed.push(signal);
    try {
      handleSignals("drain", "echo", "9000").release();
    } finally {
      Object.assign(Deno, { addSignalListener, removeSignalListener });
    }
    assertEquals([added, removed], [[...signals], [...signals]]);
  }
});

Deno.test("macOS has no abstract sockets, and says how a file of that name is written", () => {
  using _ = pretend("darwin");
  for (const text of ["unix:@x", "unixgram:@x", "ws+unix:@x:/y"]) {
    assertThrows(() => parseAddress(text), AddressError, "a file of that name is ./@NAME");
  }
  assertEquals(parseAddress("unix:./@x").scheme, "unix");
});
