import { assertEquals, assertThrows } from "@std/assert";
import { forbidden, parseOrigin } from "../../src/http/origin.ts";

/** `[bound to loopback, --allow-origin, Host, Origin, whether it may come in]`. */
const cases: [boolean, string[], string, string | null, boolean][] = [
  // Bound to loopback, only this machine's names are allowed: another may have been rebound to it.
  [true, [], "localhost", null, true],
  [true, [], "localhost:8080", null, true],
  [true, [], "LOCALHOST:8080", null, true],
  [true, [], "127.0.0.1", null, true],
  [true, [], "127.0.0.1:8080", null, true],
  [true, [], "127.8.9.10:1", null, true],
  [true, [], "[::1]:8080", null, true],
  [true, [], "[0:0:0:0:0:0:0:1]", null, true],
  [true, [], "[::ffff:127.0.0.1]:8080", null, true],
  [true, [], "[::ffff:10.0.0.1]:8080", null, false],
  [true, [], "localhost.", null, true],
  [true, [], "localhost.:8080", "http://localhost.:8080", true],
  [true, [], "localhost..", null, false],
  // Hosts that a resolver may take for names, whatever a URL makes of them.
  [true, [], "2130706433", null, false],
  [true, [], "0x7f000001", null, false],
  [true, [], "127.1", null, false],
  [true, [], "%6cocalhost", null, false],
  [true, [], "evil.example", null, false],
  [true, [], "evil.example:8080", null, false],
  [true, [], "localhost.evil.example", null, false],
  [true, [], "evil.localhost", null, false],
  [true, [], "127.0.0.1.evil.example", null, false],
  [true, [], "128.0.0.1", null, false],
  [true, [], "0.0.0.0", null, false],
  [true, [], "[::2]", null, false],
  [true, [], "", null, false],
  [true, [], "user@localhost", null, false],
  [true, [], "localhost/x", null, false],
  [true, [], "localhost localhost", null, false],
  [true, [], "localhost, localhost", null, false],
  [true, [], "localhost:x", null, false],
  [true, ["chat.example"], "chat.example", null, true],
  [true, ["chat.example"], "chat.example:8080", null, true],
  [true, ["chat.example:9000"], "chat.example:8080", null, false],
  [true, ["chat.example:9000"], "chat.example:9000", null, true],
  [true, ["https://chat.example"], "chat.example", null, true],
  [true, ["https://chat.example"], "other.example", null, false],
  // Bound wider, every Host is allowed.
  [false, [], "evil.example", null, true],
  [false, [], "192.168.1.2:80", null, true],
  // An Origin equals Host or is listed.
  [true, [], "localhost:8080", "http://localhost:8080", true],
  [true, [], "localhost:8080", "https://localhost:8080", true],
  [true, [], "localhost:8080", "http://LOCALHOST:8080", true],
  [true, [], "localhost:80", "http://localhost", true],
  [true, [], "localhost", "http://localhost:80", true],
  [true, [], "localhost:443", "https://localhost", true],
  [true, [], "localhost:8080", "http://localhost", false],
  [true, [], "localhost:8080", "http://localhost:9090", false],
  [true, [], "localhost:8080", "http://127.0.0.1:8080", false],
  [true, [], "localhost:8080", "http://evil.example", false],
  [true, [], "localhost:8080", "http://evil.example:8080", false],
  [true, [], "localhost:8080", "null", false],
  [true, [], "localhost:8080", "", false],
  [true, [], "localhost:8080", "localhost:8080", false],
  [true, [], "localhost:8080", "file://localhost:8080", false],
  [true, [], "localhost:8080", "http://localhost:8080, http://evil.example", false],
  [false, [], "a.example", "https://a.example", true],
  [false, [], "a.example", "https://b.example", false],
  [false, ["https://b.example"], "a.example", "https://b.example", true],
  [false, ["https://b.example"], "a.example", "https://b.example:443", true],
  [false, ["https://b.example"], "a.example", "http://b.example", false],
  [false, ["https://b.example"], "a.example", "https://b.example:8443", false],
  [false, ["b.example"], "a.example", "https://b.example", true],
  [false, ["b.example"], "a.example", "https://b.example:8443", true],
  [false, ["b.example:8443"], "a.example", "https://b.example", false],
  [false, ["b.example"], "a.example", "https://x.b.example", false],
  [false, ["x.example", "b.example"], "a.example", "http://b.example", true],
  [true, ["b.example"], "localhost", "http://b.example", true],
  [true, ["chrome-extension://abc"], "localhost", "chrome-extension://abc", true],
  [true, ["chrome-extension://abc"], "localhost", "chrome-extension://abd", false],
];

for (const [loopback, allowed, host, origin, welcome] of cases) {
  const bound = loopback ? "loopback" : "every interface";
  const list = allowed.length > 0 ? `, allowing ${allowed}` : "";
  const from = origin === null ? "no Origin" : `Origin ${JSON.stringify(origin)}`;
  const verdict = welcome ? "may come in" : "is refused";
  Deno.test(`on ${bound}${list}: Host "${host}" and ${from} ${verdict}`, () => {
    const headers = new Headers({ host });
    if (origin !== null) headers.set("origin", origin);
    assertEquals(forbidden({ target: "/", headers }, { loopback, allowed }) === undefined, welcome);
  });
}

Deno.test("no Host at all is refused on loopback alone", () => {
  assertEquals(
    forbidden({ target: "/", headers: new Headers() }, { loopback: false, allowed: [] }),
    undefined,
  );
  assertEquals(
    forbidden({ target: "/", headers: new Headers() }, { loopback: true, allowed: [] }) ===
      undefined,
    false,
  );
});

Deno.test("entries of the list are hosts and origins", () => {
  for (const good of ["a", "a.example:80", "https://a.example", "http://[::1]:80", "[::1]"]) {
    assertEquals(parseOrigin(good), good);
  }
  assertEquals(parseOrigin("https://bücher.example:8443"), "https://xn--bcher-kva.example:8443");
  assertEquals(parseOrigin("BÜCHER.example"), "xn--bcher-kva.example");
  for (
    const bad of ["", "*", "a b", "https://", "https://a/b", "a/b", "a:b", "http://a?b", "ä b"]
  ) {
    assertThrows(() => parseOrigin(bad), Error, "expected an origin");
  }
});

Deno.test("a target that is a whole URL counts instead of the Host field", () => {
  const headers = new Headers({ host: "localhost" });
  const rule = { loopback: true, allowed: [] };
  assertEquals(forbidden({ target: "http://localhost/", headers }, rule), undefined);
  const why = forbidden({ target: "http://evil.example/", headers }, rule);
  assertEquals(why, 'Host "evil.example" is not this machine; --allow-origin can list it');
});
