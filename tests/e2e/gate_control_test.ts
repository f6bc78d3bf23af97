/** Proxies of a control that listen at a gate. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Coax, run } from "./coax.ts";
import { PLAIN, SECRET, TestGate } from "./gates.ts";

Deno.test("proxies listen at a gate, are told apart there, and aren't replayed to", async () => {
  await using gate = await TestGate.open(PLAIN);
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const upstream = (await echo.address()).replace("tcp://", "");
  await using control = Coax.start(["control", "127.0.0.1:0", "--secret", SECRET]);
  const [, url] = await control.logs(/^control on (\S+)$/m);
  const ask = async (path: string, body?: unknown, expected = 200) => {
    const init = body === undefined ? { method: "GET" } : { method: "POST" };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${url}${path}`, { ...init, body: text });
    const answer = await response.text();
    assertEquals(response.status, expected, answer);
    return answer;
  };
  const at = `gate://127.0.0.1:${gate.port}`;
  await ask("proxies", { name: "one", listen: `${at}/0`, upstream }, 201);
  await ask("proxies", { name: "two", listen: `${at}/${gate.port}`, upstream }, 500);
  const address = await control.address();
  assertEquals((await run(["client", address], { stdin: "hello" })).out, "hello");
  const refused = await ask("replay?proxy=one", "", 409);
  assertStringIncludes(refused, "the proxy listens on another machine");
  const gated = await ask("proxies", { name: "three", listen: "127.0.0.1:0", upstream: at }, 400);
  assertStringIncludes(gated, "a gate can only be listened on");
});
