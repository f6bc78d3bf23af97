import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { PREFIXES } from "../../src/address/schemes.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import { commandHelp, overview, topicHelp } from "../../src/manual/help.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { modelOf } from "../../src/completions/model.ts";
import * as errors from "../../src/core/errors.ts";
import { flagName } from "../../src/flags/flag.ts";
import { addresses } from "../../src/manual/topics/addresses.ts";
import { exitStatus } from "../../src/manual/topics/exit_status.ts";
import { topics } from "../../src/manual/topics/mod.ts";
import { toxics } from "../../src/manual/topics/toxics.ts";
import { attributeNames, TOXIC_TYPES } from "../../src/faults/attributes.ts";
import { recipes } from "../../src/manual/topics/recipes.ts";
import { expandPorts } from "../../src/address/port_range.ts";
import { parseSubject } from "../../src/setup/availability.ts";
import { splitWords } from "../../src/address/words.ts";

const commands = await loadCommands();

/** Wide enough that no line is broken. */
const WIDE = 400;

Deno.test("the overview has every command with its operands and summary", () => {
  for (const { name, operands, summary } of commands) {
    const line = overview(commands, WIDE).split("\n").find((one) =>
      one.startsWith(`  coax ${name} `)
    );
    assertStringIncludes(line ?? "", operands);
    assertStringIncludes(line ?? "", summary);
  }
});

for (const command of commands) {
  Deno.test(`help of ${command.name} has every option with its value, help and default`, () => {
    const lines = commandHelp(command, WIDE).split("\n");
    for (const [key, flag] of Object.entries(command.flags)) {
      const { short, value, lone, help, shown, unlisted } = flag;
      const argument = lone === undefined ? value : `[${value}]`;
      const written = `--${flagName(key)}${argument ? ` ${argument}` : ""} `;
      const line = lines.find((one) => /^ {2}(-\w,| {3}) /.test(one) && one.includes(written)) ??
        "";
      assertEquals(line === "", unlisted ?? false, written);
      if (unlisted) continue;
      for (const part of [short ? `-${short}, ` : "", help, shown ? `(${shown})` : ""]) {
        assertStringIncludes(line, part, `${command.name} ${written}`);
      }
    }
  });

  Deno.test(`help of ${command.name} begins with at most ten options, and fits a terminal`, () => {
    const { name, flags, first = [] } = command;
    const hasMany = Object.keys(flags).length > 10;
    assertEquals(first.length > 0, hasMany);
    assertEquals(new Set(first).size, first.length);
    assert(first.length <= 10, `${first.length}`);
    const lines = commandHelp(command, 80).split("\n");
    const options = lines.slice(0, lines.indexOf("Examples")).filter((line) =>
      /^ {2}(?:-\w,| {3}) --/.test(line)
    );
    assertEquals(
      options.map((line) => /--[\w-]+/.exec(line)![0]),
      first.map((key) => `--${flagName(key)}`),
    );
    if (hasMany) assertEquals(lines[lines.findIndex((line) => line === "") + 1], "Most used", name);
    assert(lines.indexOf("Examples") <= 27, `${name}: ${lines.indexOf("Examples")} lines`);
    for (const line of lines) assert(line.length <= 80, line);
  });

  Deno.test(`the examples of ${command.name} are command lines that it takes`, () => {
    assert(command.examples.length > 0);
    const parse = command.name === "wait" ? parseSubject : parseAddress;
    for (const [line] of command.examples) {
      const words = splitWords(/coax [^|<>&)]*/.exec(line)![0].trim())!;
      assert(words[0] === "coax" && words[1] === command.name, line);
      const places = modelOf(command, []).operands;
      parseArguments(command, words.slice(2)).operands.forEach((operand, i) => {
        const { addresses } = places[i] ?? places.at(-1)!;
        if (addresses && operand !== "socks5:") parse(expandPorts(operand)[0]!);
      });
    }
  });
}

Deno.test("options that mean little to a command are taken, and shown nowhere or last", () => {
  const helpOf = (name: string) => commandHelp(commands.find((one) => one.name === name)!, WIDE);
  assert(!helpOf("client").includes("--keep-open"));
  assertStringIncludes(helpOf("server"), "--keep-open");
  const [before, last] = helpOf("wait").split("Also taken, as by every command that connects");
  for (const option of ["--retry N", "--retry-delay D"]) assertStringIncludes(before!, option);
  for (const option of ["--connect-timeout D", "--idle-timeout D"]) {
    assert(!before!.includes(option), option);
    assertStringIncludes(last!, option);
  }
  assert(!helpOf("wait").includes("--ping"));
  const wait = commands.find((one) => one.name === "wait")!;
  const args = ["9000", "--retry", "3", "--retry-delay", "1s", "--connect-timeout", "2s"];
  const { options } = parseArguments(wait, [...args, "--idle-timeout", "3s"]);
  assertEquals([options.retry, options.retryDelay, options.idleTimeout], [3, 1000, 3000]);
});

Deno.test("the topic on toxics has every type in its order, with every attribute", () => {
  const rows = toxics.sections[0]!.rows!.map(([name]) => name.replaceAll(/=\w+/g, ""));
  const names = TOXIC_TYPES.map((type) => [type, ...attributeNames(type)]);
  assertEquals(
    rows,
    names.map(([type, ...rest]) => [type, rest.join(",")].filter(Boolean).join(":")),
  );
});

Deno.test("help fits in a terminal of 80 columns, and uses a wider one", () => {
  const all = (width: number) => [
    overview(commands, width),
    ...commands.map((command) => commandHelp(command, width)),
    ...topics.map((topic) => topicHelp(topic, width)),
  ];
  for (const width of [60, 80, 120]) {
    for (const line of all(width).flatMap((text) => text.split("\n"))) {
      assert(line.length <= Math.max(width, 70), `${width}: ${line}`);
    }
  }
  const lines = (width: number) => all(width).join("").split("\n").length;
  assert(lines(120) < lines(80) && lines(80) < lines(60));
});

Deno.test("a narrower terminal breaks lines and loses no word", () => {
  const bag = (text: string) => text.split(/\s+/).sort();
  for (const command of commands) {
    assertEquals(bag(commandHelp(command, 50)), bag(commandHelp(command, WIDE)));
  }
});

Deno.test("the addresses that help shows are addresses", () => {
  const shown = addresses.sections[0]!.rows!.flatMap(([terms]) => terms.split(", "));
  for (const term of shown.filter((one) => !/…|PATH|ARG|LINE|port/.test(one))) parseAddress(term);
  for (const prefix of Object.values(PREFIXES)) {
    assert(shown.some((term) => term.startsWith(prefix)), prefix);
  }
});

Deno.test("every recipe is a command line that coax takes", () => {
  const lines = recipes.sections.flatMap((section) => section.lines ?? []);
  for (const [line] of lines) {
    const coax = /coax [^|<>]*/.exec(line)![0];
    const [, name, ...words] = splitWords(coax.trim())!;
    const command = commands.find((known) => known.name === name)!;
    const places = modelOf(command, []).operands;
    const parse = name === "wait" ? parseSubject : parseAddress;
    parseArguments(command, words).operands.forEach((operand, i) => {
      if ((places[i] ?? places.at(-1)!).addresses) parse(expandPorts(operand)[0]!);
    });
  }
});

Deno.test("help on exit statuses has those of all errors", () => {
  const known = exitStatus.sections[0]!.rows!.flatMap(([status]) => status.split(", "));
  const make = Object.values(errors).filter((one) =>
    // A `LoggedError` has the status of its cause.
    one !== errors.CoaxError && one !== errors.LoggedError && one.prototype instanceof Error
  );
  for (const one of make as (new (...args: unknown[]) => errors.CoaxError)[]) {
    const { status, name } = new one("", "", "", 2); // A signal's number, if any.
    assert(known.includes(`${status}`), `${name} ${status}`);
  }
});
