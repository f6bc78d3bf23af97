import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { answerWithPage } from "../../src/chat/page/answer.ts";
import { PAGE } from "../../src/chat/page/built.ts";

function ask(method: string, headers: Record<string, string> = {}) {
  return answerWithPage({ method, target: "/", version: "1.1", headers: new Headers(headers) });
}

/** The headers of an answer. */
function fields(answer: ReturnType<typeof ask>): Headers {
  return new Headers(Object.fromEntries(answer!.headers!));
}

async function hashOf(element: "script" | "style"): Promise<string> {
  const [, content, ...more] = PAGE.split(new RegExp(`<${element}[^>]*>([^]*?)</${element}>`));
  assertEquals(more.length, 1, `one ${element}`);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(content));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}

Deno.test("the page's policy allows its own style and program alone", async () => {
  const policy = fields(ask("GET")).get("content-security-policy")!;
  const rules = Object.fromEntries(
    policy.split("; ").map((rule) => [rule.split(" ", 1)[0], rule.replace(/^\S+ /, "")]),
  );
  assertEquals(rules["default-src"], "'none'");
  assertEquals(rules["script-src"], await hashOf("script"));
  assertEquals(rules["style-src"], await hashOf("style"));
  assertEquals(rules["connect-src"], "'self'");
  for (const closed of ["base-uri", "form-action", "frame-ancestors"]) {
    assertEquals(rules[closed], "'none'");
  }
  assert(!policy.includes("unsafe"), policy);
});

Deno.test("the page comes with its type, its policy for others, and a tag", () => {
  const answer = ask("GET")!;
  const headers = fields(answer);
  assertEquals(answer.status, 200);
  assertEquals(headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
  assertEquals(headers.get("cache-control"), "no-cache");
  assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
  assert(/^"sha256-[^"]+"$/.test(headers.get("etag")!));
});

Deno.test("a client whose copy is current gets 304 without a body, and with its policy", () => {
  const tag = fields(ask("GET")).get("etag")!;
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const answer = ask("GET", { "If-None-Match": known })!;
    assertEquals(answer.status, 304, known);
    assertEquals(answer.body, undefined);
    assertEquals(fields(answer).get("etag"), tag);
    assertStringIncludes(fields(answer).get("content-security-policy")!, "default-src 'none'");
  }
  assertEquals(ask("GET", { "If-None-Match": '"other"' })!.status, 200);
});

Deno.test("the page answers GET and HEAD, and no other method", () => {
  assertEquals(ask("HEAD")!.status, 200);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "get"]) {
    assertEquals(ask(method), undefined, method);
  }
});

Deno.test("the page has no address of anything to load", () => {
  const markup = PAGE.replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, "");
  const addresses = [...markup.matchAll(/\b(?:src|href|action)="([^"]*)"/g)].map(([, url]) => url!);
  for (const url of addresses) assert(url.startsWith("data:image/svg+xml,"), url);
  assert(!/\son\w+=/.test(markup), "no handlers in the markup");
  assert(!/\sstyle=/.test(markup), "no styles in the markup");
});
