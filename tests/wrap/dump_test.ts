import { assertEquals } from "@std/assert";
import { dumper, hexdump } from "../../src/wrap/dump.ts";
import { encode } from "../support/ends.ts";

Deno.test("a hexdump has offset, sixteen bytes, and printable ASCII", () => {
  assertEquals(hexdump(encode("GET / HTTP/1.1\r\n\x7f\x1bä~")), [
    "00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|",
    "00000010  7f 1b c3 a4 7e                                    |....~|",
  ]);
  assertEquals(hexdump(new Uint8Array()), []);
});

Deno.test("a dump says which way, how much, and counts each direction from 0", () => {
  const lines: string[] = [];
  const observer = dumper("127.0.0.1:9", (line) => lines.push(line));
  observer.received!(encode("a"));
  observer.sent!(encode("xy"));
  observer.received!(encode("b"));
  observer.peerEnded!();
  observer.weEnded!();
  const row = (hex: string) => hex.padEnd(48);
  assertEquals(lines, [
    "< received from 127.0.0.1:9, 1 byte",
    `< 00000000  ${row("61")}  |a|`,
    "> sent to 127.0.0.1:9, 2 bytes",
    `> 00000000  ${row("78 79")}  |xy|`,
    "< received from 127.0.0.1:9, 1 byte",
    `< 00000001  ${row("62")}  |b|`,
    "< end of data from 127.0.0.1:9",
    "> end of data to 127.0.0.1:9",
  ]);
});
