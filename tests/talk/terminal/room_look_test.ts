/** Names of a room in their colours, and our own. */
import { assertEquals } from "@std/assert";
import { dim } from "@std/fmt/colors";
import { RoomLook, tinted } from "../../../src/talk/terminal/room_look.ts";

const WELCOME = "-- welcome to main, guest-1; nobody else is here; /help lists what you can do";

Deno.test("a client knows a room by its first line, and its own name from then on", () => {
  const look = new RoomLook();
  assertEquals([look.ownName, look.prompt.text], [undefined, "> "]);
  assertEquals(look.learn(WELCOME), true);
  assertEquals([look.ownName, look.prompt.text], ["guest-1", "guest-1> "]);
  assertEquals(look.learn("-- bob is now alice"), false);
  assertEquals(look.learn("[bob] -- guest-1 is now evil"), false);
  assertEquals(look.learn("-- guest-1 is now alice"), true);
  assertEquals(look.prompt.text, "alice> ");
});

Deno.test("what isn't a room's first line leaves lines as they are, whatever comes later", () => {
  const look = new RoomLook();
  look.learn("220 mail.example.org");
  look.learn(WELCOME);
  assertEquals(look.ownName, undefined);
  assertEquals(look.colored("[bob] hi"), "[bob] hi");
});

Deno.test("names are coloured wherever a room puts them, and nowhere else", () => {
  const look = new RoomLook("server");
  const [bob, eve] = [tinted("bob"), tinted("eve")];
  const lines: readonly (readonly [string, string])[] = [
    ["[bob] hi bob", `[${bob}] hi bob`],
    ["* bob waves", `* ${bob} waves`],
    ["[bob -> eve] psst", `[${bob} -> ${eve}] psst`],
    ["-- bob has joined", `${dim("-- ")}${bob}${dim(" has joined")}`],
    ["-- bob has left (too slow)", `${dim("-- ")}${bob}${dim(" has left (too slow)")}`],
    ["-- bob is now eve", `${dim("-- ")}${bob}${dim(" is now ")}${eve}`],
    ["-- here: bob, eve", `${dim("-- here: ")}${bob}${dim(", ")}${eve}`],
    ["-- the bus is back: everyone hears you", dim("-- the bus is back: everyone hears you")],
    ["no line of a room", "no line of a room"],
  ];
  for (const [line, colored] of lines) assertEquals(look.colored(line), colored);
});

Deno.test("a name has the same colour each time, and most names differ", () => {
  assertEquals(tinted("alice"), tinted("alice"));
  const names = Array.from({ length: 200 }, (_, number) => `guest-${number}`);
  const colors = new Set(names.map((name) => tinted(name).replace(name, "")));
  assertEquals(colors.size, Deno.noColor ? 1 : 15, "all colours are used, unless NO_COLOR is set");
});

Deno.test("the others' names are those that have been seen, the latest first", () => {
  const look = new RoomLook();
  for (
    const line of [
      WELCOME,
      "[bob] hi",
      "* eve waves",
      "-- zoe has joined",
      "-- zoe is now Zoë",
      "[eve -> guest-1] psst",
      "[bob] -- mallory has joined",
      "-- here: guest-1, ann, tim",
      "-- tim has left (too slow)",
    ]
  ) look.learn(line);
  assertEquals(look.others, ["ann", "bob", "eve", "Zoë"]);
  const elsewhere = new RoomLook();
  elsewhere.learn("220 mail.example.org");
  elsewhere.learn("[bob] hi");
  assertEquals(elsewhere.others, []);
});

Deno.test("a crowd of names is bounded", () => {
  const look = new RoomLook("server");
  for (let n = 0; n < 5000; n++) look.learn(`-- n${n} has joined`);
  assertEquals([look.others.length, look.others[0]], [1000, "n4999"]);
});
