import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseBus } from "../../src/commands/bus.ts";
import { UsageError } from "../../src/core/errors.ts";

Deno.test("parseBus() takes servers, a login and a name, and shows no login", () => {
  assertEquals(parseBus("nats://u:p%40@a,b:4222,[::1]:65535/room"), {
    shown: "nats://***@a,b:4222,[::1]:65535/room",
    servers: ["a", "b:4222", "[::1]:65535"],
    user: "u",
    password: "p@",
    stream: "coax-room",
  });
});

Deno.test("parseBus() takes a password with a colon, and a user without one", () => {
  assertEquals(parseBus("nats://u:a:b@h").password, "a:b");
  assertEquals([parseBus("nats://u@h").user, parseBus("nats://u@h").password], ["u", undefined]);
});

for (
  const text of [
    "nats://u:sekret@h:x",
    "nats://u:sekret@h:99999",
    "nats://u:sekret@h:0",
    "nats://u:sekret@h:4222,g:65536",
    "nats://u:sek/ret@h",
    "nats://u:sekr@et@h",
    "nats://u:sekret%@h",
    "u:sekret@h",
    "nats:u:sekret@h",
  ]
) {
  Deno.test(`parseBus() refuses ${text} without showing the password`, () => {
    const { message } = assertThrows(() => parseBus(text), UsageError, "expected nats://");
    assert(message.startsWith("--bus "), message);
    for (const part of ["sek", "ret"]) assert(!message.includes(part), message);
  });
}

Deno.test("parseBus() quotes what has no login as it is", () => {
  assertThrows(() => parseBus("nats://h:x"), UsageError, "--bus nats://h:x: expected");
});
