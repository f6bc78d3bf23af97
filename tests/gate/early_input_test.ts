/** What a visitor sends before it is taken. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ResetError } from "../../src/core/errors.ts";
import { EarlyInput } from "../../src/gate/early_input.ts";
import { decode, encode } from "../support/connections.ts";
import { memoryPair } from "../support/memory.ts";
import { isPending, soon, until } from "../support/wait.ts";

/** All that is left to read, `size` bytes at a time. */
async function readWith(input: EarlyInput, size: number): Promise<string> {
  const buffer = new Uint8Array(size);
  let text = "";
  for (;;) {
    const count = await soon(input.read(buffer), "a read");
    if (count === null) return text;
    text += decode(buffer.subarray(0, count));
  }
}

for (const [early, late] of [["", ""], ["early", ""], ["", "late"], ["early", " and late"]]) {
  Deno.test(`a visitor's "${early}${late}" arrives whole, whenever it was sent`, async () => {
    for (const size of [1, 3, 100]) {
      const [visitor, connection] = memoryPair();
      const input = new EarlyInput(connection);
      if (early) await visitor.write(encode(early));
      const reading = readWith(input, size);
      if (late) await visitor.write(encode(late!));
      await visitor.closeWrite();
      assertEquals(await reading, `${early}${late}`);
      assertEquals(await input.read(new Uint8Array(1)), null);
    }
  });
}

Deno.test("a visitor's EOF is no failure, and what is more than can be kept waits", async () => {
  const [visitor, connection] = memoryPair();
  const input = new EarlyInput(connection);
  const text = "0123456789".repeat(1000);
  const sending = visitor.write(encode(text)).then(() => visitor.closeWrite());
  assertEquals(await readWith(input, 777), text);
  await sending;
});

Deno.test("a visitor that breaks off before it is taken is noticed, and so is its reader", async () => {
  const [, connection] = memoryPair();
  const error = new ResetError("receive from", "visitor");
  connection.read = () => Promise.reject(error);
  const input = new EarlyInput(connection);
  assertEquals(await soon(input.broken, "the failure"), error);
  await assertRejects(() => input.read(new Uint8Array(1)), ResetError);
});

Deno.test("a visitor that breaks off behind more than is kept is noticed by its socket", async () => {
  const [visitor, connection] = memoryPair();
  let unsent: number | undefined = 0;
  Object.defineProperties(connection, {
    showsReset: { value: true },
    unsent: { get: () => unsent },
  });
  const input = new EarlyInput(connection, 10);
  visitor.write(new Uint8Array(5000)).catch(() => {});
  assert(await isPending(input.broken));
  unsent = undefined;
  const error = await soon(input.broken, "the failure");
  assertEquals([error instanceof ResetError, error.message], [
    true,
    `receive from ${connection.peer}: reset by peer`,
  ]);
});

Deno.test("a visitor's socket isn't watched once somebody reads, or it is closed", async () => {
  for (const end of ["read", "close"] as const) {
    const [visitor, connection] = memoryPair();
    let looks = 0;
    Object.defineProperties(connection, {
      showsReset: { value: true },
      unsent: { get: () => looks++ },
    });
    const input = new EarlyInput(connection, 1);
    visitor.write(new Uint8Array(5000)).catch(() => {});
    await until(() => looks > 2, "looks at the socket");
    if (end === "read") await input.read(new Uint8Array(1));
    else input.close();
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(looks, before);
    input.close();
  }
});
