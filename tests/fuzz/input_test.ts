/**
 * Almost valid input of users, 57,000 times: a result, or an error that has a status. With
 * `protocols_test.ts` 10^5. A failure names its seed; each one found has a test of its own.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { LineSplitter } from "../../src/chat/protocol/lines.ts";
import { parseJson, parseLine } from "../../src/chat/protocol/requests.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { LocalError, UsageError } from "../../src/core/errors.ts";
import { formatEvent, parseEvents } from "../../src/record/event.ts";
import { readRecording } from "../../src/record/reader.ts";
import { temporary } from "../e2e/coax.ts";
import { ADDRESSES, commandLine } from "../support/command_lines.ts";
import { encode } from "../support/connections.ts";
import { fuzz, mutatedText } from "./fuzz.ts";

const commands = await loadCommands();

Deno.test("26,500 addresses are understood, or usage errors that quote them", async () => {
  await fuzz(26_500, (random) => {
    const text = mutatedText(random, ADDRESSES);
    try {
      const address = parseAddress(text);
      const login = /^wss?:\/\/([^/?#]*@)/i.exec(text)?.[1];
      assertEquals(address.text, login ? text.replace(login, "***@") : text);
    } catch (error) {
      assert(error instanceof UsageError, `${JSON.stringify(text)}: ${error}`);
      assertEquals(error.status, 2);
    }
  });
});

Deno.test("20,000 command lines are understood, or usage errors", async () => {
  await fuzz(20_000, (random) => {
    const { name, argv } = commandLine(random);
    const command = commands.find((known) => known.name === name)!;
    try {
      const { operands } = parseArguments(command, argv);
      assert(operands.every((operand) => typeof operand === "string"));
    } catch (error) {
      assert(error instanceof UsageError, `${name} ${JSON.stringify(argv)}: ${error}`);
    }
  });
});

const LINES = [
  "hello\r\n",
  "/nick bob\n",
  "/msg bob see you\n",
  "//slash\n",
  "/me waves\n",
  '{"type":"say","text":"hi"}',
  '{"type":"msg","to":"bob","text":"\\u202e"}',
  "é".repeat(2050),
];

Deno.test("10,000 typed lines and JSON requests are requests without a control character", async () => {
  await fuzz(10_000, (random) => {
    const text = mutatedText(random, LINES);
    const splitter = new LineSplitter();
    const lines = [...splitter.push(encode(text)), ...splitter.finish()];
    for (const request of [...lines.flatMap(parseLine), ...parseJson(text)]) {
      const shown = "text" in request && request.type !== "nick" ? request.text : "";
      // deno-lint-ignore no-control-regex -- they are what is looked for
      assert(!/[\0-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(shown), shown);
    }
  });
});

const EVENTS = [
  formatEvent({ t: 0.5, id: 1, event: "open", dir: "in", peer: "127.0.0.1:1" }),
  formatEvent({
    t: 1,
    id: 1,
    event: "data",
    dir: "in",
    payload: { data: encode("é"), text: true },
  }),
  formatEvent({
    t: 1,
    id: 2,
    event: "message",
    dir: "out",
    payload: { data: Uint8Array.of(255), text: false },
  }),
  formatEvent({ t: 2, id: 1, event: "close", dir: "out", code: 1006 }, [
    { t: 1.5, step: "fault", leg: "client", text: "cut", seconds: 0.1 },
  ]),
  "null\n",
];

Deno.test("lines of 500 recordings are read, or a LocalError names the line", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  await fuzz(500, async (random) => {
    const lines = Array.from({ length: 3 }, () => mutatedText(random, EVENTS));
    await Deno.writeTextFile(path, lines.join(""));
    const events = await readRecording(path).catch((error) => {
      assert(error instanceof LocalError, `${error}`);
      assertMatch(error.message, /: line \d+: expected /);
      return [];
    });
    for (const event of events) {
      if (event.event !== "step") assertEquals(parseEvents(formatEvent(event)), [event]);
    }
  });
});
