import { assert, assertStringIncludes } from "@std/assert";
import { parseAddress } from "../../src/address.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { commandHelp, overview } from "../../src/cli/help.ts";
import { commands } from "../../src/commands/mod.ts";
import { flagName } from "../../src/flags/flag.ts";
import { splitWords } from "../../src/words.ts";

Deno.test("the overview has every command with its operands and summary", () => {
  for (const { name, operands, summary } of commands) {
    const line = overview(commands).split("\n").find((one) => one.startsWith(`  coax ${name} `));
    assertStringIncludes(line ?? "", operands);
    assertStringIncludes(line ?? "", summary);
  }
});

for (const command of commands) {
  Deno.test(`help of ${command.name} has every option with its value, help and default`, () => {
    const lines = commandHelp(command).split("\n");
    for (const [key, { short, value, help, shown }] of Object.entries(command.flags)) {
      const written = `--${flagName(key)}${value ? ` ${value}` : ""} `;
      const line = lines.find((one) => /^ {2}(-\w,| {3}) /.test(one) && one.includes(written)) ??
        "";
      for (const part of [short ? `-${short}, ` : "", help, shown ? `(${shown})` : ""]) {
        assertStringIncludes(line, part, `${command.name} ${written}`);
      }
    }
  });

  Deno.test(`the examples of ${command.name} are command lines that it takes`, () => {
    assert(command.examples.length > 0);
    for (const [line] of command.examples) {
      const words = splitWords(line.replace(/ [<>] \w+$/, ""))!;
      assert(words[0] === "coax" && words[1] === command.name, line);
      const { operands } = parseArguments(command, words.slice(2));
      const names = command.operands.split(" ");
      const addresses = operands.filter((text, at) => text !== "socks5:" && names[at] !== "FILE");
      addresses.forEach(parseAddress);
    }
  });
}

Deno.test("help fits in a terminal of 120 columns", () => {
  for (const text of [overview(commands), ...commands.map(commandHelp)]) {
    for (const line of text.split("\n")) assert(line.length <= 120, line);
  }
});
