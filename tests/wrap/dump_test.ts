import { assertEquals } from "@std/assert";
import { dumper, hexdump, ownFlows, relayFlows } from "../../src/wrap/dump.ts";
import { encode } from "../support/connections.ts";

Deno.test("a hexdump has offset, sixteen bytes, and their text", () => {
  assertEquals(hexdump(encode("GET / HTTP/1.1\r\n\x7f\x1bä~")), [
    "00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|",
    "00000010  7f 1b c3 a4 7e                                    |..ä~|",
  ]);
  assertEquals(hexdump(new Uint8Array()), []);
});

Deno.test("a dump has the time, the direction, the length, and offsets of its own each way", () => {
  const lines: string[] = [];
  const noon = () => new Date(2026, 0, 31, 12, 0, 9, 7);
  const observer = dumper(ownFlows("127.0.0.1:9"), (line) => lines.push(line), noon);
  observer.received!(encode("a"));
  observer.sent!(encode("xy"));
  observer.received!(encode("b"));
  observer.receivedEof!();
  observer.sentEof!();
  const row = (hex: string) => hex.padEnd(48);
  assertEquals(lines, [
    "< 12:00:09.007 received from 127.0.0.1:9, 1 byte",
    `< 00000000  ${row("61")}  |a|`,
    "> 12:00:09.007 sent to 127.0.0.1:9, 2 bytes",
    `> 00000000  ${row("78 79")}  |xy|`,
    "< 12:00:09.007 received from 127.0.0.1:9, 1 byte",
    `< 00000001  ${row("62")}  |b|`,
    "< 12:00:09.007 end of data from 127.0.0.1:9",
    "> 12:00:09.007 end of data to 127.0.0.1:9",
  ]);
});

Deno.test("a dump names the character that two reads share", () => {
  const lines: string[] = [];
  const observer = dumper(ownFlows("x"), (line) => lines.push(line.slice(62)));
  const bytes = encode("你");
  observer.received!(bytes.subarray(0, 1));
  observer.sent!(encode("!")); // The other direction has characters of its own.
  observer.received!(bytes.subarray(1));
  assertEquals(lines.filter(Boolean), ["|.|", "|!|", "|..|  U+4F60 你"]);
});

Deno.test("a relay's dump marks what is from the client with >, and names both sides", () => {
  const lines: string[] = [];
  const noon = () => new Date(2026, 0, 31, 12, 0, 9, 7);
  let target = "socks5:";
  const observer = dumper(relayFlows("client:1", () => target), (line) => lines.push(line), noon);
  observer.received!(encode("a"));
  target = "target:2";
  observer.sent!(encode("b"));
  observer.receivedEof!();
  assertEquals(lines.filter((line) => !/^. 0{8}/.test(line)), [
    "> 12:00:09.007 client:1 → socks5:, 1 byte",
    "< 12:00:09.007 target:2 → client:1, 1 byte",
    "> 12:00:09.007 client:1 → target:2, end of data",
  ]);
});
