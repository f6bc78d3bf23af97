import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseArguments } from "../../src/flags/arguments.ts";
import type { Command } from "../../src/commands/command.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { UsageError } from "../../src/core/errors.ts";
import { flagName } from "../../src/flags/flag.ts";
import { encode } from "../support/connections.ts";

const commands = await loadCommands();

function command(name: string): Command {
  return commands.find((known) => known.name === name)!;
}

const parse = (name: string, ...argv: string[]) => parseArguments(command(name), argv);

function refusal(name: string, ...argv: string[]): string {
  return assertThrows(() => parse(name, ...argv), UsageError).message;
}

Deno.test("without options there are the defaults", () => {
  const { options, operands } = parse("echo", "9000", ":7");
  assertEquals(operands, ["9000", ":7"]);
  const { maxConnections, grace, socketMode, verbose, quiet, logFormat, dump } = options;
  assertEquals(
    [maxConnections, grace, socketMode, verbose, quiet, logFormat, dump],
    [1024, 5000, 0o600, 0, false, "text", false],
  );
  assertEquals(options.idleTimeout, undefined);
});

Deno.test("a value comes after a space or an equals sign, short or long, anywhere", () => {
  for (
    const argv of [
      ["9000", "--max-connections", "7"],
      ["--max-connections=7", "9000"],
      ["-m", "7", "9000"],
      ["-m=7", "9000"],
      ["-m7", "9000"],
      ["-xm", "7", "9000"],
      ["-xm7", "9000"],
      ["-vm=7", "9000"],
    ]
  ) {
    const { options, operands } = parse("echo", ...argv);
    assertEquals([options.maxConnections, operands], [7, ["9000"]], argv.join(" "));
  }
});

Deno.test("switches join, and -v counts", () => {
  const { options } = parse("server", "-kxvv", "9000");
  const { keepOpen, dump, verbose } = options;
  assertEquals([keepOpen, dump, verbose], [true, true, 2]);
  assertEquals(parse("echo", "-v", "9", "--verbose").options.verbose, 2);
});

Deno.test("a short option's value is the rest of its word, whatever that has in it", () => {
  const fields = (word: string) => parse("client", word, "ws://9").options.header;
  for (const word of ["-HCookie: a=b: c", "-H=Cookie: a=b: c", "-vHCookie: a=b: c"]) {
    assertEquals(fields(word), [["Cookie", "a=b: c"]], word);
  }
  assertEquals(fields("-Ha:b"), [["a", "b"]]);
  assertEquals(fields("-Hx:-4"), [["x", "-4"]]);
});

Deno.test("a switch takes nothing from what follows it", () => {
  assertEquals(parse("server", "-k", "9000").operands, ["9000"]);
  assertEquals(parse("relay", "--once", "1", "2").operands, ["1", "2"]);
});

Deno.test("values keep their text: numbers, dashes, blanks, equals signs, nothing", () => {
  const { options, operands } = parse("client", "--send", "-x", "--send=a=b ", "--send", "", "09");
  assertEquals(options.send, [encode("-x"), encode("a=b "), encode("")]);
  assertEquals(operands, ["09"]);
});

Deno.test("- is an address, and after -- everything is one", () => {
  assertEquals(parse("relay", "-", "9000").operands, ["-", "9000"]);
  assertEquals(parse("replay", "--pcap", "x", "--", "--help", "1").operands, ["--help", "1"]);
});

Deno.test("explain's options end at its first operand", () => {
  const { options, operands } = parse("explain", "-q", "nc", "-vl", "--log-format", "9");
  assertEquals([options.quiet, options.verbose], [true, 0]);
  assertEquals(operands, ["nc", "-vl", "--log-format", "9"]);
  assertEquals(parse("explain", "--", "socat", "-", "x").operands, ["socat", "-", "x"]);
  assertEquals(parse("explain", "--log-format", "json", "-").operands, ["-"]);
});

Deno.test("the last of several values counts", () => {
  assertEquals(parse("echo", "9", "--grace", "1s", "--grace", "2s").options.grace, 2000);
});

Deno.test("a list leaves out what is empty between two of its commas", () => {
  assertEquals(parse("echo", "9", "--deny", "::1,,10.0.0.1,").options.deny, ["::1", "10.0.0.1"]);
});

Deno.test("help needs no operands", () => {
  assertEquals(parse("relay", "-h").options.help, true);
});

for (
  const [argv, named] of [
    [["echo"], "ADDRESS: missing"],
    [["client"], "ADDRESS: missing"],
    [["relay"], "FROM: missing"],
    [["relay", "1"], "TO: missing"],
    [["client", "host", "80"], '"80": one argument too many (did you mean host:80?)'],
    [["client", "1", "x"], '"x": one argument too many'],
    [["echo", "9", "--nope"], "--nope: unknown option"],
    [["echo", "9", "--nope=1"], "--nope"],
    [["echo", "9", "-Z"], "-Z: unknown option"],
    [["echo", "9", "-xZ"], "-Z (in -xZ): unknown option"],
    [["echo", "9", "--keep-open"], "--keep-open: unknown option"],
    [["echo", "9", "--_"], "--_: unknown option"],
    [["echo", "9", "--_=1"], "--_"],
    [["echo", "9", "-x_"], "-x (in -x_): takes no value"],
    [["echo", "9", "--__proto__"], "--__proto__: unknown option"],
    [["echo", "9", "--constructor=1"], "--constructor"],
    [["echo", "9", "--no-dump"], "--no-dump: unknown option"],
    [["echo", "9", "--dump=yes"], "--dump: takes no value"],
    [["echo", "9", "-x=yes"], "-x: takes no value"],
    [["echo", "9", "--dump.x"], "unknown option"],
    [["echo", "9", "--grace"], "--grace: expected a value"],
    [["echo", "9", "-m"], "-m: expected a value"],
    [["echo", "9", "-xm"], "-m (in -xm): expected a value"],
    [["server", "9", "-k9"], "-k (in -k9): takes no value"],
    [["echo", "9", "-v3"], "-v (in -v3): takes no value"],
    [["echo", "9", "-x1"], "-x (in -x1): takes no value"],
    [["echo", "9", "-xk=1"], "-k (in -xk=1): unknown option"],
    [["echo", "9", "-vx=1"], "-x: takes no value"],
    [["echo", "9", "-q9"], "-q (in -q9): takes no value"],
    [["echo", "9", "-mx"], "--max-connections x: expected"],
    [["client", "9", "-46="], "-6: takes no value"],
    [["echo", "9", "-m", "0"], "--max-connections 0: expected a whole number of at least 1"],
    [["echo", "9", "-m", "-1"], "--max-connections -1: expected"],
    [["echo", "9", "--grace", "5"], "--grace 5: expected a duration"],
    [["echo", "9", "--grace="], "--grace: expected a duration"],
    [["echo", "9", "--log-format", "xml"], "--log-format xml: expected one of text, json"],
    [["echo", "9", "--socket-mode", "9"], "--socket-mode 9: expected permission bits"],
    [["client", "9", "--retry", "x"], "--retry x: expected"],
    [["client", "9", "--expect", "("], "--expect (: expected a regular expression"],
    [["client", "9", "--send", "\\q", "--send", "ok"], "--send \\q: expected one of"],
    [["client", "9", "--within", "1s", "--within", "x"], "--within x: expected"],
    [["client", "9", "--linger", "5"], "--linger 5: expected a duration with a unit"],
    [["echo", "9", "--allow", ""], "--allow: expected at least one entry"],
    [["echo", "9", "--allow=,"], "--allow ,: expected at least one entry"],
    [["echo", "9", "--allow", "::1", "--allow="], "--allow: expected at least one entry"],
    [["echo", "9", "--deny", ""], "--deny: expected at least one entry"],
    [["relay", "9", "socks5:", "--allow-target", ""], "--allow-target: expected at least one"],
    [["echo", "9", "--ready-file", ""], "--ready-file: expected a path"],
    [["echo", "9", "--record="], "--record: expected a path"],
    [["replay", "f", "--pcap", ""], "--pcap: expected a path"],
    [["echo", "9", "--cert", ""], "--cert: expected a path"],
    [["client", "9", "--client-key", ""], "--client-key: expected a path"],
  ] as [string[], string][]
) {
  Deno.test(`usage: coax ${argv.join(" ")}`, () => {
    const [name, ...rest] = argv;
    assertStringIncludes(refusal(name!, ...rest), named);
  });
}

Deno.test("every option that takes a value names itself when it is missing", () => {
  for (const { name, flags } of commands) {
    for (const [key, flag] of Object.entries(flags)) {
      if (!flag.value || flag.lone !== undefined) continue;
      const option = `--${flagName(key)}`;
      assertStringIncludes(refusal(name, option), option);
    }
  }
});

Deno.test("a value that may be left out is missing at the end, and before an option", () => {
  const svgOf = (...argv: string[]) => parse("replay", ...argv).options.svg;
  assertEquals(svgOf("r.jsonl"), undefined);
  assertEquals(svgOf("r.jsonl", "--svg"), "-");
  assertEquals(svgOf("r.jsonl", "--svg", "--explain"), "-");
  assertEquals(svgOf("--svg", "--", "r.jsonl"), "-");
  assertEquals(svgOf("r.jsonl", "--svg", "-"), "-");
  assertEquals(svgOf("r.jsonl", "--svg", "x.svg"), "x.svg");
  assertEquals(svgOf("--svg=x.svg", "r.jsonl"), "x.svg");
  assertEquals(parse("replay", "--svg", "r.jsonl", "7007").operands, ["7007"]);
});

Deno.test("names and letters are unique in each command", () => {
  for (const { name, flags } of commands) {
    const names = Object.entries(flags).flatMap(([key, flag]) =>
      flag.short ? [flagName(key), flag.short] : [flagName(key)]
    );
    assert(new Set(names).size === names.length, name);
  }
});
