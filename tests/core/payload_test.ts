import { assertEquals } from "@std/assert";
import { formatPayload, parsePayload } from "../../src/core/payload.ts";

Deno.test("a payload is text where it may be and is UTF-8, else base64, and comes back whole", () => {
  const data = new TextEncoder().encode("\ufeffä");
  const cases = [
    [{ data, text: true }, { text: "\ufeffä" }],
    [{ data, text: undefined }, { text: "\ufeffä" }],
    [{ data, text: false }, { base64: "77u/w6Q=" }],
    [{ data: Uint8Array.of(0xff), text: undefined }, { base64: "/w==" }],
  ] as const;
  for (const [message, fields] of cases) {
    assertEquals<unknown>(formatPayload(message), fields);
    assertEquals(parsePayload(fields)?.data, message.data);
  }
});

Deno.test("an object with both fields, neither, or a broken one is no payload", () => {
  for (
    const fields of [
      {},
      { text: "a", base64: "YQ==" },
      { text: "\ud800" },
      { text: 1 },
      { base64: "%" },
      { base64: 1 },
      { text: null, base64: "YQ==" },
    ]
  ) assertEquals(parsePayload(fields), undefined, JSON.stringify(fields));
});
