import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseBus } from "../../../src/chat/bus/open.ts";
import { UsageError } from "../../../src/core/errors.ts";

Deno.test("parseBus() takes servers, a login and a name, and shows no login", () => {
  assertEquals(parseBus("nats://u:p%40@a,b:4222,[::1]:65535/room"), {
    shown: "nats://***@a,b:4222,[::1]:65535/room",
    servers: ["a", "b:4222", "[::1]:65535"],
    user: "u",
    password: "p@",
    stream: "coax-room",
  });
});

Deno.test("parseBus() has names of servers in ASCII", () => {
  const servers = ["xn--bcher-kva.example:1", "h"];
  assertEquals(parseBus("nats://bücher.example:1,h").servers, servers);
});

Deno.test("parseBus() takes a user without a password for the token", () => {
  const login = (secret: string) => {
    const { user, password, token } = parseBus(`nats://${secret}h`);
    return [user, password, token];
  };
  assertEquals(login("u:a:b@"), ["u", "a:b", undefined]);
  assertEquals(login("u:@"), ["u", "", undefined]);
  assertEquals(login("s3cr%2Ft@"), [undefined, undefined, "s3cr/t"]);
  for (const none of ["", "@"]) assertEquals(login(none), [undefined, undefined, undefined]);
  assertEquals(parseBus("nats://s3cret@h").shown, "nats://***@h");
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
