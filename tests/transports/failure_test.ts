import { assert, assertEquals } from "@std/assert";
import { ResetError } from "../../src/core/errors.ts";
import { broken, unavailable } from "../../src/transports/failure.ts";

Deno.test("a reset is recognized, whether it comes right after connecting or later", () => {
  const errors = [
    unavailable("connect", "host:1", { code: "ECONNRESET", message: "reset" }),
    unavailable("connect", "host:1", { code: "ENOTCONN", message: "not connected" }),
    broken("receive from", "host:1", { code: "ECONNRESET", message: "reset" }),
  ];
  for (const error of errors) {
    assert(error instanceof ResetError);
    assertEquals([error.message, error.status], ["receive from host:1: reset by peer", 1]);
  }
});
