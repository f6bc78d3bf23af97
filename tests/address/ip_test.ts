import { assertEquals } from "@std/assert";
import {
  bytesOfIp,
  canonicalHost,
  formatIp,
  type Ip,
  ipOfBytes,
  isIPv6,
  isLoopback,
  isUnspecified,
  isWithin,
  parseIp,
  parseIPv4,
  parseIPv6,
  parseLiteral,
  parseRange,
} from "../../src/address/ip.ts";
import { fuzz } from "../fuzz/fuzz.ts";
import { below, type Generator, pick } from "../support/random.ts";

/** An IPv6 address in a random one of its forms, often slightly wrong. */
function written(random: Generator): string {
  const groups = Array.from(
    { length: 6 + below(random, 4) },
    () => pick(random, ["0", "0", "0", "1", "ffff", "FFFF", "7f00", "00a1", "12345", "g", ""]),
  );
  if (below(random, 3) === 0) {
    groups.splice(-2, 2, pick(random, ["127.0.0.1", "1.2.3", "256.1.1.1", "01.2.3.4"]));
  }
  const text = groups.join(":");
  return below(random, 2) === 0 ? text : text.replace(/(?:^|:)(?:0:)+0?/, "::");
}

Deno.test("an IPv6 address is one where it is one in a URL, and has the same groups", async () => {
  let count = 0;
  await fuzz(20_000, (random) => {
    const text = written(random);
    const url = `http://[${text}]/`;
    const ip = parseIPv6(text);
    assertEquals(ip !== undefined, URL.canParse(url), text);
    if (!ip) return;
    count++;
    const plain = `[${ip.map((group) => group.toString(16)).join(":")}]`;
    assertEquals(new URL(`http://${plain}/`).hostname, new URL(url).hostname, text);
  });
  assertEquals(count > 1000, true, `only ${count} were addresses`);
});

Deno.test("an IPv4 address has four numbers without leading zeros", () => {
  assertEquals(parseIPv4("1.2.3.4"), [0x0102, 0x0304]);
  assertEquals(parseIPv4("255.255.0.0"), [0xffff, 0]);
  for (const text of ["1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", "", "1..2.3"]) {
    assertEquals(parseIPv4(text), undefined, text);
  }
});

Deno.test("a mapped address is the IPv4 address, and a zone is left out", () => {
  for (const text of ["::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:0102:0304"]) {
    assertEquals(parseIp(text), parseIp("1.2.3.4"), text);
  }
  assertEquals(parseIp("fe80::1%eth0"), parseIp("fe80::1"));
  assertEquals(parseIp("::1.2.3.4")?.length, 8);
});

/** Bits of an address as text: the plainest way to compare prefixes. */
function bits(ip: Ip): string {
  return ip.map((group) => group.toString(2).padStart(16, "0")).join("");
}

Deno.test("a range holds the addresses with the same first bits, for each length", async () => {
  await fuzz(500, (random) => {
    for (const parts of [2, 8]) {
      const network = Array.from({ length: parts }, () => below(random, 65536));
      const flipped = below(random, 16 * parts);
      const ip = [...network];
      ip[flipped >> 4]! ^= 0x8000 >> (flipped & 15);
      for (let length = 0; length <= 16 * parts; length++) {
        const same = bits(ip).slice(0, length) === bits(network).slice(0, length);
        assertEquals(isWithin(ip, { network, length }), same, `${network}/${length} ${ip}`);
      }
    }
  });
});

Deno.test("each range of mapped addresses is the range of IPv4, and no other holds IPv4", () => {
  const ip = parseIp("127.1.2.3")!;
  const holds = (text: string) => parseRange(text)!.some((range) => isWithin(ip, range));
  for (let length = 0; length <= 32; length++) {
    for (const host of ["127.0.0.0", "127.1.2.3", "10.0.0.1", "126.255.255.255"]) {
      const [first, second] = parseIPv4(host)!.map((group) => group.toString(16));
      for (const mapped of [`::ffff:${host}`, `0:0::FFFF:${first}:${second}`]) {
        assertEquals(
          holds(`${mapped}/${96 + length}`),
          holds(`${host}/${length}`),
          `${mapped}/${96 + length}`,
        );
      }
    }
  }
  for (let length = 0; length < 96; length++) {
    assertEquals(holds(`::ffff:0:0/${length}`), true, `::ffff:0:0/${length}`);
    assertEquals(holds(`::/${length}`), false, `::/${length}`);
  }
  const six = parseIp("::1")!;
  assertEquals(parseRange("::ffff:0:0/80")!.some((range) => isWithin(six, range)), true);
  assertEquals(parseRange("::ffff:0:0/96")!.some((range) => isWithin(six, range)), false);
});

Deno.test("what is no range is none", () => {
  for (
    const text of [
      "",
      "/",
      "/8",
      "10.0.0.0/33",
      "::/129",
      "::ffff:1.2.3.4/129",
      "1.2.3.4/",
      "1.2.3/8",
      "1.2.3.4/8/8",
      "1.2.3.4/x",
      "1.2.3.4/-1",
      "a/8",
      "[::1]/128",
    ]
  ) {
    assertEquals(parseRange(text), undefined, text);
  }
});

Deno.test("this machine to itself alone, however it is written", () => {
  for (
    const host of [
      "localhost",
      "127.0.0.1",
      "127.255.0.9",
      "::1",
      "[::1]",
      "0:0:0:0:0:0:0:1",
      "::ffff:127.0.0.1",
      "[::ffff:7f00:1]",
    ]
  ) {
    assertEquals(isLoopback(host), true, host);
  }
  for (const host of ["*", "::", "0.0.0.0", "128.0.0.1", "::ffff:10.0.0.1", "::2", "local", ""]) {
    assertEquals(isLoopback(host), false, host);
  }
});

Deno.test("parseIPv4() and isIPv6() know an address from a name", () => {
  for (const text of ["0.0.0.0", "127.0.0.1"]) {
    assertEquals([parseIPv4(text) !== undefined, isIPv6(text)], [true, false]);
  }
  for (const text of ["::", "::1", "fe80::1%lo", "1:2:3:4:5:6:7:8", "::ffff:127.0.0.1"]) {
    assertEquals([parseIPv4(text) !== undefined, isIPv6(text)], [false, true], text);
  }
  for (
    const text of [
      "",
      "localhost",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      ":",
      "1:2",
      "g::",
      "[::1]",
      "::1 ",
    ]
  ) {
    assertEquals([parseIPv4(text) !== undefined, isIPv6(text)], [false, false], text);
  }
});

Deno.test("canonicalHost() writes an address as the system names a sender", () => {
  for (
    const [written, canonical] of [
      ["127.0.0.1", "127.0.0.1"],
      ["0:0:0:0:0:0:0:1", "::1"],
      ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
      ["::FFFF:7f00:1", "::ffff:127.0.0.1"],
      ["fe80::1%eth0", "fe80::1"],
    ] as const
  ) assertEquals(canonicalHost(written), canonical);
});

Deno.test("addresses keep their value as bytes and back", () => {
  const cases: [string, number][] = [
    ["127.0.0.1", 4],
    ["::", 16],
    ["::1", 16],
    ["fe80::1:2", 16],
    ["2001:db8:1:2:3:4:5:6", 16],
  ];
  for (const [text, length] of cases) {
    const bytes = bytesOfIp(parseLiteral(text)!);
    assertEquals(bytes.length, length);
    assertEquals(formatIp(ipOfBytes(bytes)), text);
  }
  const mapped = bytesOfIp(parseLiteral("::ffff:1.2.3.4")!);
  assertEquals(mapped.slice(10), Uint8Array.of(255, 255, 1, 2, 3, 4));
  assertEquals(formatIp(ipOfBytes(mapped)), "::ffff:102:304");
  assertEquals(parseLiteral("example.com"), undefined);
});

Deno.test("isUnspecified() knows the addresses that stand for every interface, and no other", () => {
  for (const host of ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::0"]) {
    assertEquals(isUnspecified(host), true);
  }
  for (const host of ["*", "localhost", "0.0.0.1", "::1", "1::", "", "127.0.0.1", "example.org"]) {
    assertEquals(isUnspecified(host), false, host);
  }
});
