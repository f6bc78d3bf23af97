import { assertEquals, assertThrows } from "@std/assert";
import { expandPorts } from "../../src/address/port_range.ts";
import { parseWebUrl } from "../../src/address/web.ts";
import { AddressError } from "../../src/core/errors.ts";

for (
  const [text, ports] of [
    ["20-22", ["20", "21", "22"]],
    [":20-21", [":20", ":21"]],
    ["h:7-7", ["h:7"]],
    ["[::1]:65534-65535", ["[::1]:65534", "[::1]:65535"]],
    ["tls://a-b.example:1-2", ["tls://a-b.example:1", "tls://a-b.example:2"]],
    ["udp://1-2", ["udp://1", "udp://2"]],
    ["ws://u:p-1@h:1-2/a-b?c=3-4", ["ws://u:p-1@h:1/a-b?c=3-4", "ws://u:p-1@h:2/a-b?c=3-4"]],
    ["http://h:8-9/x", ["http://h:8/x", "http://h:9/x"]],
    ["db-1:5432", ["db-1:5432"]],
    ["db-1-2", ["db-1-2"]],
    ["http://h/1-2", ["http://h/1-2"]],
    ["unix:/run/x:1-2", ["unix:/run/x:1-2"]],
    ["exec:cat 1-2", ["exec:cat 1-2"]],
    ["h:1-2-3", ["h:1-2-3"]],
    ["h:-1", ["h:-1"]],
  ] as const
) {
  Deno.test(`expandPorts() makes ${ports.length} of ${text}`, () => {
    assertEquals(expandPorts(text), [...ports]);
  });
}

Deno.test("expandPorts() refuses a range that isn't one, and shows no password", () => {
  for (const text of ["h:2-1", "h:0-5", "h:1-65536", "5-4", "ws://u:secret@h:2-1/"]) {
    const { message } = assertThrows(() => expandPorts(text), AddressError, "range of ports");
    assertEquals(message.includes("secret"), false);
  }
});

Deno.test("parseWebUrl() takes what ws:// has, and nothing else", () => {
  const parts = (text: string) => {
    const { isSecure, host, port, path, text: shown } = parseWebUrl(text)!;
    return [isSecure, host, port, path, shown];
  };
  assertEquals(parts("http://h"), [false, "h", 80, "/", "http://h"]);
  assertEquals(parts("HTTPS://h:1/a?b"), [true, "h", 1, "/a?b", "HTTPS://h:1/a?b"]);
  assertEquals(parts("http://u:p@[::1]:8/"), [false, "::1", 8, "/", "http://***@[::1]:8/"]);
  for (const text of ["ws://h", "h:1", "http:/h", "httpx://h"]) {
    assertEquals(parseWebUrl(text), undefined);
  }
});
