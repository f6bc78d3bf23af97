import { assertEquals } from "@std/assert";
import { warnIfWide } from "../../src/setup/listen.ts";
import { recorder } from "../support/log.ts";

function warnings(...bound: string[]): string[] {
  const { log, events } = recorder();
  warnIfWide(bound, log);
  return events.map(({ text }) => text);
}

Deno.test("a listener on loopback alone, or at a path, is not logged", () => {
  const loopback = ["tcp://127.0.0.1:9", "tls://[::1]:9", "udp://127.0.0.2:9", "unix:/run/x"];
  assertEquals(warnings(...loopback, "ws://127.0.0.1:80/path", "ws+unix:/run/x:/path"), []);
});

Deno.test("every interface is one line, whatever else is bound", () => {
  const line = "anyone who can reach this machine can connect (every interface is bound)";
  assertEquals(warnings("tcp://0.0.0.0:9", "tcp://[::]:9", "udp://10.9.8.7:9"), [line]);
  assertEquals(warnings("ws://[::]:80/path"), [line]);
});

Deno.test("an address of this machine that others reach is named, once", () => {
  const line = "anyone who can reach 10.9.8.7 or fd00::1 can connect";
  assertEquals(warnings("tcp://127.0.0.1:9", "tcp://10.9.8.7:9", "wss://[fd00::1]:9/x"), [line]);
  assertEquals(warnings("udp://10.9.8.7:9", "tcp://10.9.8.7:9"), [
    "anyone who can reach 10.9.8.7 can connect",
  ]);
});
