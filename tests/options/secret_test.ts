import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../src/core/errors.ts";
import { tokenOf } from "../../src/options/secret.ts";

async function fileWith(text: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

Deno.test("a token is the option's text, or what its file has", async () => {
  assertEquals(await tokenOf("--token", "s3cret="), "s3cret=");
  for (const text of ["s3cret", "s3cret\n", "s3cret\r\n"]) {
    await using file = await fileWith(text);
    assertEquals(await tokenOf("--token", `@${file.path}`), "s3cret");
  }
});

for (const text of ["", "two words", "s3cret\n\n", "päss", "tab\t", "nul\0"]) {
  Deno.test(`no token, and no error shows it: ${JSON.stringify(text)}`, async () => {
    await using file = await fileWith(text);
    for (const given of [text, `@${file.path}`]) {
      const error = await assertRejects(() => tokenOf("--token", given), UsageError);
      assertEquals(error.status, 2);
      const { message } = error;
      assertEquals(/^--token(?: @\S+)?: expected a token of visible ASCII/.test(message), true);
      if (text) assertEquals(message.includes(text), false);
    }
  });
}

Deno.test("a token's file that can't be read is named", async () => {
  const error = await assertRejects(() => tokenOf("--token", "@/no/such"), UsageError);
  assertEquals(error.message, "--token @/no/such: can't be read: no such file or directory");
});
