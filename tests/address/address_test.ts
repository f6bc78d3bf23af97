import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Address,
  canListen,
  formatAuthority,
  formatHostPort,
  parseAddress,
} from "../../src/address/address.ts";
import { UsageError } from "../../src/core/errors.ts";
import { below, generator, pick } from "../support/random.ts";

type Parsed = Address extends infer A ? A extends Address ? Omit<A, "text"> : never : never;

const GOOD: Record<string, Parsed> = {
  "9000": { scheme: "tcp", host: "localhost", port: 9000 },
  "0": { scheme: "tcp", host: "localhost", port: 0 },
  "65535": { scheme: "tcp", host: "localhost", port: 65535 },
  ":9000": { scheme: "tcp", host: "*", port: 9000 },
  "*:9000": { scheme: "tcp", host: "*", port: 9000 },
  "localhost:9000": { scheme: "tcp", host: "localhost", port: 9000 },
  "example.com:80": { scheme: "tcp", host: "example.com", port: 80 },
  "my_host-1.lan.:80": { scheme: "tcp", host: "my_host-1.lan.", port: 80 },
  "bücher.example:80": { scheme: "tcp", host: "xn--bcher-kva.example", port: 80 },
  "wss://BÜCHER.example./x": {
    scheme: "wss",
    host: "xn--bcher-kva.example.",
    port: 443,
    path: "/x",
  },
  "1.2.3.4:9000": { scheme: "tcp", host: "1.2.3.4", port: 9000 },
  "255.255.255.255:1": { scheme: "tcp", host: "255.255.255.255", port: 1 },
  "[::1]:9000": { scheme: "tcp", host: "::1", port: 9000 },
  "[::]:9000": { scheme: "tcp", host: "::", port: 9000 },
  "[2001:db8::A]:9000": { scheme: "tcp", host: "2001:db8::A", port: 9000 },
  "[::ffff:1.2.3.4]:9000": { scheme: "tcp", host: "::ffff:1.2.3.4", port: 9000 },
  "[fe80::1%eth0]:9000": { scheme: "tcp", host: "fe80::1%eth0", port: 9000 },
  "tcp://tcp:9000": { scheme: "tcp", host: "tcp", port: 9000 },
  "TCP://9000": { scheme: "tcp", host: "localhost", port: 9000 },
  "Wss://Host/Path": { scheme: "wss", host: "Host", port: 443, path: "/Path" },
  "UNIX:/Run/x": { scheme: "unix", path: "/Run/x" },
  "Exec:Cat": { scheme: "exec", words: ["Cat"] },
  "tcp://9000": { scheme: "tcp", host: "localhost", port: 9000 },
  "tcp://:9000": { scheme: "tcp", host: "*", port: 9000 },
  "tcp://0.0.0.0:9000": { scheme: "tcp", host: "0.0.0.0", port: 9000 },
  "tcp://[::1]:80": { scheme: "tcp", host: "::1", port: 80 },
  "tls://:8443": { scheme: "tls", host: "*", port: 8443 },
  "tls://example.com:443": { scheme: "tls", host: "example.com", port: 443 },
  "udp://9000": { scheme: "udp", host: "localhost", port: 9000 },
  "udp://*:9000": { scheme: "udp", host: "*", port: 9000 },
  "ws://8080": { scheme: "ws", host: "localhost", port: 8080, path: undefined },
  "ws://:8080/x": { scheme: "ws", host: "*", port: 8080, path: "/x" },
  "ws://host": { scheme: "ws", host: "host", port: 80, path: undefined },
  "ws://host/": { scheme: "ws", host: "host", port: 80, path: "/" },
  "ws://host:8080/a/b?c=d&e": { scheme: "ws", host: "host", port: 8080, path: "/a/b?c=d&e" },
  "ws://host?q=/": { scheme: "ws", host: "host", port: 80, path: "/?q=/" },
  "ws://[::1]/x": { scheme: "ws", host: "::1", port: 80, path: "/x" },
  "ws://host/ä?%20%c3": { scheme: "ws", host: "host", port: 80, path: "/%C3%A4?%20%c3" },
  "wss://host": { scheme: "wss", host: "host", port: 443, path: undefined },
  "wss://host:9/x": { scheme: "wss", host: "host", port: 9, path: "/x" },
  "unix:a": { scheme: "unix", path: "a" },
  "unix:./a b:c": { scheme: "unix", path: "./a b:c" },
  "unix:/run/x.sock": { scheme: "unix", path: "/run/x.sock" },
  "unix:///run/x.sock": { scheme: "unix", path: "/run/x.sock" },
  "unix:////run/x.sock": { scheme: "unix", path: "/run/x.sock" },
  "unix:/tmp/a@b": { scheme: "unix", path: "/tmp/a@b" },
  "ws://host/?mail=a@b": { scheme: "ws", host: "host", port: 80, path: "/?mail=a@b" },
  "ws+unix:/run/x:/chat?r=1": { scheme: "ws+unix", socket: "/run/x", path: "/chat?r=1" },
  "ws+unix:/run/x": { scheme: "ws+unix", socket: "/run/x", path: undefined },
  "unix:@name": { scheme: "unix", path: "\0name" },
  "unix:@a b:c@": { scheme: "unix", path: "\0a b:c@" },
  "unix:./@name": { scheme: "unix", path: "./@name" },
  [`unix:@${"x".repeat(107)}`]: { scheme: "unix", path: `\0${"x".repeat(107)}` },
  "ws+unix:@name:/c": { scheme: "ws+unix", socket: "\0name", path: "/c" },
  "ws+unix:@name": { scheme: "ws+unix", socket: "\0name", path: undefined },
  "unixgram:/dev/log": { scheme: "unixgram", path: "/dev/log" },
  "UNIXGRAM:///dev/log": { scheme: "unixgram", path: "/dev/log" },
  "unixgram:@x": { scheme: "unixgram", path: "\0x" },
  "unixgram:./@x": { scheme: "unixgram", path: "./@x" },
  "ws+unix:a:b:/c": { scheme: "ws+unix", socket: "a:b", path: "/c" },
  "file:/dev/ttyS0": { scheme: "file", path: "/dev/ttyS0" },
  "file:///var/log/x": { scheme: "file", path: "/var/log/x" },
  "File:a b,c:d": { scheme: "file", path: "a b,c:d" },
  "file+read:x": { scheme: "file+read", path: "x" },
  "file+append:./x": { scheme: "file+append", path: "./x" },
  "exec:cat": { scheme: "exec", words: ["cat"] },
  "exec:cat -n 'a b'": { scheme: "exec", words: ["cat", "-n", "a b"] },
  "sh:ls | wc -l": { scheme: "sh", line: "ls | wc -l" },
  "sh:echo 'open": { scheme: "sh", line: "echo 'open" },
  "-": { scheme: "stdio" },
  "stdio:": { scheme: "stdio" },
  [`unix:${"x".repeat(107)}`]: { scheme: "unix", path: "x".repeat(107) },
};

for (const [text, parsed] of Object.entries(GOOD)) {
  Deno.test(`parseAddress() takes ${text}`, () => {
    assertEquals<unknown>(parseAddress(text), { ...parsed, text });
  });
}

const FORM = "expected PORT, HOST:PORT";
const FOUR = "an IPv4 address of four numbers";
const SIX = "an IPv6 address in brackets";
const PORT = "a port from 0 to 65535";

const BAD: Record<string, string> = {
  "": FORM,
  " ": FORM,
  "host": FORM,
  "host:": FORM,
  ":": FORM,
  "*": FORM,
  "*:": FORM,
  "host:port": FORM,
  "host:-1": FORM,
  "host:+1": FORM,
  "host:1.5": FORM,
  "host:0x10": FORM,
  "host: 80": FORM,
  "host:80 ": FORM,
  "ho st:80": FORM,
  "ho/st:80": FORM,
  "-host:80": FORM,
  ".host:80": FORM,
  "host:80/path": FORM,
  "host\n:80": FORM,
  "host\x1b[31m:80": FORM,
  [`${"x".repeat(254)}:80`]: FORM,
  "65536": PORT,
  "host:65536": PORT,
  "tcp://99999999999999999999": PORT,
  "1.2.3:80": FOUR,
  "1.2.3.4.5:80": FOUR,
  "1.2.3.256:80": FOUR,
  "010.0.0.1:80": FOUR,
  "...:80": FOUR,
  "::1:80": "brackets around an IPv6 address",
  "::1": "brackets around an IPv6 address",
  "tcp://2001:db8::1:80": "brackets around an IPv6 address",
  "1:2:3:4:5:6:7:8:80": "brackets around an IPv6 address",
  "::1:65536": "brackets around an IPv6 address",
  "[::1]": FORM,
  "[::1]:": FORM,
  "[::1]80": FORM,
  "[::1:80": FORM,
  "[]:80": SIX,
  "[1.2.3.4]:80": SIX,
  "[host]:80": SIX,
  "[::1::2]:80": SIX,
  "[:::1]:80": SIX,
  "[12345::]:80": SIX,
  "[::1.2.3]:80": SIX,
  "[::1%]:80": SIX,
  "[::1\n]:80": SIX,
  "[::\t1]:80": SIX,
  "tcp://": FORM,
  "tcp://host": FORM,
  "tls:host:443": "did you mean tls://host:443?",
  "tcp:///x:80": FORM,
  "tcp://host:80/": FORM,
  "http://host:80": 'unknown scheme "http"',
  "tcp:9000": "expected SCHEME://HOST:PORT; did you mean tcp://9000?",
  "UDP:9000": "did you mean udp://9000?",
  "tls::8443": "did you mean tls://:8443?",
  "ws:localhost:80": "did you mean ws://localhost:80?",
  "wss:host": "did you mean wss://host?",
  "tcp:": FORM,
  "a:b:c": FORM,
  "ac:dc:80": FORM,
  "://host:80": "expected",
  "ws://": FORM,
  "ws://host:": FORM,
  "ws://:": FORM,
  "ws:///x": FORM,
  "ws://host:99999/": PORT,
  "ws://host/a b": "without spaces",
  "ws://host/#x": "without spaces",
  "ws://host/\r\nEvil: 1": "without spaces",
  "ws://host/\ud800": "without spaces",
  "unix:": "unix:PATH",
  "unix://": "unix:PATH",
  "unix://host/x": "unix:PATH",
  "unix:a\0b": "unix:PATH",
  [`unix:${"x".repeat(108)}`]: "at most 107 bytes, this one has 108",
  [`unix:${"ä".repeat(54)}`]: "at most 107 bytes, this one has 108",
  [`ws+unix:${"x".repeat(108)}:/x`]: "at most 107 bytes",
  "unix:@": "name of an abstract socket after @",
  "unix:@a\0b": "name of an abstract socket after @",
  [`unix:@${"x".repeat(108)}`]: "a name of at most 107 bytes, this one has 108",
  "ws+unix:@:/x": "name of an abstract socket after @",
  "unixgram:": "unixgram:PATH",
  "ws+unix:": "ws+unix:PATH:/URI",
  "ws+unix://x": "ws+unix:PATH:/URI",
  "ws+unix:x:/a b": "without spaces",
  "file:": "file:PATH",
  "file+read:": "file+read:PATH",
  "file+append://host/x": "did you mean file+append:/host/x?",
  "file:x\0": "file:PATH",
  "gopen:/dev/ttyS0,raw": "did you mean file:/dev/ttyS0?",
  "open:x,append": "did you mean file:x?",
  "create:x": "did you mean file+append:x?",
  "readfile:x": "did you mean file+read:x?",
  "file:/dev/ttyS0,b9600,raw": "coax explain",
  "exec:": "exec:COMMAND",
  "exec:  ": "exec:COMMAND",
  "exec:''": "exec:COMMAND",
  "exec:cat 'open": "quotes to be closed",
  "sh:": "sh:LINE",
  "sh: \t": "sh:LINE",
  "stdio:x": FORM,
  "--": FORM,
};

for (const [text, expected] of Object.entries(BAD)) {
  Deno.test(`parseAddress() refuses ${JSON.stringify(text)}`, () => {
    const { message, status } = assertThrows(() => parseAddress(text), UsageError);
    assertStringIncludes(message, `"${text}"`);
    assertStringIncludes(message, expected);
    assertEquals(status, 2);
  });
}

for (
  const [text, shown] of Object.entries({
    "user:pa55@host:80": "***@host:80",
    "pa55@host:80": "***@host:80",
    "[pa55@[::1]:80": "***@[::1]:80",
    "tcp://user:pa55@127.0.0.1:9": "tcp://***@127.0.0.1:9",
    "TLS://user:pa55@[::1]:9": "TLS://***@[::1]:9",
    "udp://user:p@pa55@host:9": "udp://***@host:9",
    "ws://us%3Aer:pa55@127.0.0.1:9/": "ws://***@127.0.0.1:9/",
    "wss://:pa55%zz@host/a@b?c": "wss://***@host/a@b?c",
    "ws://user:pa55%0d@host": "ws://***@host",
    "ws://user:pa55@host:70000/": "ws://***@host:70000/",
    "ws://user:pa55@host/ b": "ws://***@host/ b",
    "http://user:pa55@host/": "http://***@host/",
  })
) {
  Deno.test(`parseAddress() refuses ${text} without showing the password`, () => {
    const { message } = assertThrows(() => parseAddress(text), UsageError);
    assertStringIncludes(message, `"${shown}": `);
    assert(!message.includes("pa55"), message);
    if (/^(?:http|ws)/.test(text)) return;
    assertStringIncludes(message, "user and password can't stand in an address");
  });
}

Deno.test("parseAddress() takes a login of a WebSocket address, and masks it in the text", () => {
  for (
    const [text, login, shown] of [
      ["ws://me:pa%3A55@h:9/a@b", { user: "me", password: "pa:55" }, "ws://***@h:9/a@b"],
      ["WSS://me:p@55@h", { user: "me", password: "p@55" }, "WSS://***@h"],
      ["ws://me@[::1]:9", { user: "me", password: undefined }, "ws://***@[::1]:9"],
      ["ws://@h", undefined, "ws://***@h"],
      ["ws://h/?mail=a@b", undefined, "ws://h/?mail=a@b"],
    ] as const
  ) {
    const address = parseAddress(text);
    assertEquals(["login" in address ? address.login : undefined, address.text], [login, shown]);
  }
});

const PIECES = [
  ..."0123456789:/[]*@#?%.-_ ~'\"\\\n\t\0aZäß漢\u202e\ud83d\udc4d",
  ...[
    "tcp",
    "tls",
    "udp",
    "ws",
    "wss",
    "unix",
    "unixgram",
    "ws+unix",
    "file",
    "file+read",
    "file+append",
    "exec",
    "sh",
    "stdio",
    "http",
  ],
  ...["://", "::1", "[::1]", "localhost", "127.0.0.1", "65535", "65536", "\ud800"],
];

Deno.test("any text gives an address that keeps it, or a usage error that quotes it", () => {
  const random = generator(2);
  let good = 0;
  for (let i = 0; i < 10_000; i++) {
    const text = Array.from({ length: below(random, 8) }, () => pick(random, PIECES)).join("");
    try {
      assertEquals(parseAddress(text).text, text);
      good++;
    } catch (error) {
      assert(error instanceof UsageError, `${JSON.stringify(text)}: ${error}`);
      const login = error.message.includes("***@");
      assert(login ? text.includes("@") : error.message.includes(`"${text}"`), error.message);
      assert(/expected|unknown scheme|user and password/.test(error.message), error.message);
    }
  }
  assert(good > 300, `only ${good} were good`);
});

Deno.test("what is shown for a host and port can be parsed again", () => {
  for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::", "example.com"]) {
    const shown = formatHostPort("tcp", host, 9000);
    assertEquals<unknown>(parseAddress(shown), { scheme: "tcp", host, port: 9000, text: shown });
  }
  assertEquals(formatHostPort("ws", "::1", 80, "/x"), "ws://[::1]:80/x");
});

Deno.test("commands, files and stdio can't be listened on, all else can", () => {
  for (const text of Object.keys(GOOD)) {
    assertEquals(
      canListen(parseAddress(text)),
      !/^(exec|sh|stdio|file[+a-z]*):|^-$/i.test(text),
      text,
    );
  }
});

Deno.test("formatAuthority() puts brackets around IPv6", () => {
  assertEquals(formatAuthority({ host: "::1", port: 80 }), "[::1]:80");
  assertEquals(formatAuthority({ host: "a", port: 80 }), "a:80");
});
