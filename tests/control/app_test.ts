import { assertEquals, assertMatch } from "@std/assert";
import { makeApp } from "../../src/control/app.ts";
import { route } from "../../src/control/routes.ts";
import { HttpError } from "../../src/http/http_error.ts";

async function ask(app: ReturnType<typeof makeApp>, method: string, path: string) {
  const response = await app.fetch(new Request(`http://localhost${path}`, { method }));
  return { response, text: await response.text() };
}

Deno.test("GET /version is toxiproxy's, to the byte", async () => {
  const { response, text } = await ask(makeApp(), "GET", "/version");
  assertEquals(text, '{"version": "2.12.0"}\n');
  assertEquals(response.headers.get("content-type"), "application/json;charset=utf-8");
  assertMatch(response.headers.get("x-toxiproxy-request-id")!, /^[\da-f-]{36}$/);
});

for (const method of ["POST", "HEAD", "OPTIONS", "PUT", "toString", "__proto__"]) {
  Deno.test(`${method} of a path that has GET alone is 405, and says so`, async () => {
    const { response } = await ask(makeApp(), method, "/version");
    assertEquals([response.status, response.headers.get("allow")], [405, "GET"]);
  });
}

for (const path of ["/", "/nothing", "/version/"]) {
  Deno.test(`${path} is answered 404 while nothing is there`, async () => {
    const { response, text } = await ask(makeApp(), "GET", path);
    assertEquals(response.status, 404);
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(text, '{"error":"404 page not found","status":404}\n');
  });
}

Deno.test("an HttpError of a handler is the answer, with its headers", async () => {
  const app = makeApp();
  route(app, "/x/:name", {
    GET: (context) => {
      throw new HttpError(418, context.req.param("name")!, { "X-Y": "z" });
    },
  });
  const { response, text } = await ask(app, "GET", "/x/a%2Fb");
  assertEquals([response.status, response.headers.get("x-y")], [418, "z"]);
  assertEquals(text, '{"error":"a/b","status":418}\n');
  assertMatch(response.headers.get("x-toxiproxy-request-id")!, /-/);
});
