import { assertEquals, assertThrows } from "@std/assert";
import { guardOf } from "../../src/control/guard.ts";
import { HttpError } from "../../src/http/http_error.ts";

const LOOPBACK = { loopback: true, allowed: [] };
const LISTED = { loopback: true, allowed: ["https://panel.example"] };
const WIDE = { loopback: false, allowed: [] };

const HOST = { host: "localhost:8474" };
const page = (site: string, dest = "empty") => ({
  ...HOST,
  "sec-fetch-site": site,
  "sec-fetch-dest": dest,
});

/** Status 0 stands for a request that is let in. */
const cases: [
  what: string,
  rule: typeof LISTED,
  headers: Record<string, string>,
  status: number,
][] = [
  ["a tool", LOOPBACK, HOST, 0],
  ["a tool by address", LOOPBACK, { host: "127.0.0.1:8474" }, 0],
  ["a tool by IPv6", LOOPBACK, { host: "[::1]:8474" }, 0],
  ["a name that leads here (DNS rebinding)", LOOPBACK, { host: "evil.example:8474" }, 403],
  ["a name that leads here, of its own page", LOOPBACK, {
    host: "evil.example:8474",
    origin: "http://evil.example:8474",
  }, 403],
  ["no Host", LOOPBACK, {}, 403],
  ["its own page", LOOPBACK, { ...page("same-origin"), origin: "http://localhost:8474" }, 0],
  ["its own page that reads", LOOPBACK, page("same-origin"), 0],
  ["the address bar", LOOPBACK, page("none", "document"), 0],
  [
    "another page that posts",
    LOOPBACK,
    { ...page("cross-site"), origin: "http://evil.example" },
    403,
  ],
  ["a sandboxed page", LOOPBACK, { ...page("cross-site"), origin: "null" }, 403],
  [
    "a page of another port",
    LOOPBACK,
    { ...page("same-site"), origin: "http://localhost:3000" },
    403,
  ],
  ["an image of another page", LOOPBACK, page("cross-site", "image"), 403],
  ["a script of a page of another port", LOOPBACK, page("same-site", "script"), 403],
  ["a frame of another page", LOOPBACK, page("cross-site", "iframe"), 403],
  ["a link of another page", LOOPBACK, page("cross-site", "document"), 0],
  ["a listed page", LISTED, { ...page("cross-site"), origin: "https://panel.example" }, 0],
  ["a listed name", LISTED, { host: "panel.example:8474" }, 0],
  ["any name, bound wider", WIDE, { host: "box.example:8474" }, 0],
  ["another page, bound wider", WIDE, { host: "box.example", origin: "http://evil.example" }, 403],
];

/** A request of the API. */
const API = { method: "GET", target: "/proxies" };

for (const [what, rule, headers, status] of cases) {
  Deno.test(`the control's guard: ${what} is ${status ? "refused" : "let in"}`, () => {
    assertEquals(judged(guardOf(rule, undefined), headers)?.status ?? 0, status);
  });

  Deno.test(`the control's guard, with the token: ${what} is ${status ? "refused" : "let in"}`, () => {
    const given = { ...headers, authorization: "Bearer open sesame".replace(" s", "-s") };
    assertEquals(judged(guardOf(rule, "open-sesame"), given)?.status ?? 0, status);
  });
}

function judged(guard: ReturnType<typeof guardOf>, headers: Record<string, string>) {
  try {
    guard({ ...API, headers: new Headers(headers) });
  } catch (error) {
    return error as HttpError;
  }
}

const TOKEN = "s3cret/+token==";
const tokens: [authorization: string | undefined, status: number][] = [
  [`Bearer ${TOKEN}`, 0],
  [`bearer  ${TOKEN}`, 0],
  [`BEARER ${TOKEN}`, 0],
  [undefined, 401],
  ["", 401],
  ["Bearer", 401],
  ["Bearer ", 401],
  [TOKEN, 401],
  [`Basic ${TOKEN}`, 401],
  [`Basic ${btoa(":" + TOKEN)}`, 401],
  [`Bearer ${TOKEN.slice(1)}`, 401],
  [`Bearer ${TOKEN}x`, 401],
  [`Bearer ${TOKEN.toUpperCase()}`, 401],
  [`Bearer ${TOKEN}, Bearer ${TOKEN}`, 401],
  [`Bearer x ${TOKEN}`, 401],
];

for (const [authorization, status] of tokens) {
  Deno.test(`the control's token: ${JSON.stringify(authorization)} is ${status || "let in"}`, () => {
    const headers = new Headers(HOST);
    if (authorization !== undefined) headers.set("authorization", authorization);
    const guard = guardOf(LOOPBACK, TOKEN);
    if (!status) return guard({ ...API, headers });
    const error = assertThrows(() => guard({ ...API, headers }), HttpError);
    assertEquals(error.status, status);
    assertEquals(
      error.headers["WWW-Authenticate"]?.startsWith('Bearer realm="coax control"'),
      true,
    );
    assertEquals(`${error.message} ${JSON.stringify(error.headers)}`.includes(TOKEN), false);
  });
}

Deno.test("Host is judged before the token, so that a foreign page can't try any", () => {
  const error = judged(guardOf(LOOPBACK, TOKEN), { host: "evil.example" });
  assertEquals(error?.status, 403);
});
