import { assertEquals } from "@std/assert";
import { bindFailure } from "../../src/transports/listen_failure.ts";
import { libc } from "../../src/transports/libc.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

/** An error of the system with its code. */
function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const DENIED = systemError("EACCES", "Permission denied (os error 13)");
const LOW =
  "a port below 1024 takes rights (root, CAP_NET_BIND_SERVICE); one above, such as 8080, " +
  "doesn't";

Deno.test("a port below 1024 without rights is refused with what helps, another one plainly", () => {
  const refusal = (port: number) => {
    const { message, status } = bindFailure(`${port}`, { protocol: "tcp", port }, DENIED);
    assertEquals(status, 4);
    return message;
  };
  assertEquals(refusal(80), `listen 80: permission denied; ${LOW}`);
  assertEquals(refusal(1023), `listen 1023: permission denied; ${LOW}`);
  assertEquals(refusal(1024), "listen 1024: permission denied");
});

Deno.test("a port in use that nobody seems to hold is only in use", () => {
  const taken = systemError("EADDRINUSE", "Address already in use (os error 98)");
  const { message } = bindFailure("1", { protocol: "tcp", port: 1 }, taken);
  assertEquals(message, "listen 1: address in use");
});
