import { assertEquals } from "@std/assert";
import { versionOf } from "../../../src/transports/tls/certificate.ts";
import { valueSize } from "../../../src/transports/tls/der.ts";
import { blocksIn, pemBlock } from "../../../src/transports/tls/pem.ts";
import { randomBytes } from "../../support/random.ts";

const read = (text: string) => blocksIn(text).map(({ label, der, whole }) => [label, der, whole]);

Deno.test("a block of PEM is read as it was written, whatever its size", () => {
  for (let size = 0; size < 200; size++) {
    const der = randomBytes(size);
    const pem = pemBlock("SOME THING", der);
    for (const text of [pem, pem.replaceAll("\n", "\r\n"), pem.trimEnd(), `x\n\n${pem}x`]) {
      assertEquals(read(text), [["SOME THING", der, true]], text);
    }
  }
});

Deno.test("blocks are found in their order, also behind one without an end", () => {
  const [one, two] = [pemBlock("ONE", new Uint8Array([1])), pemBlock("TWO", new Uint8Array([2]))];
  const cut = one.replace(/-----END.*\n/, "");
  assertEquals(read(`${one}text\n${cut}${two}${cut}`), [
    ["ONE", new Uint8Array([1]), true],
    ["ONE", new Uint8Array([1]), false],
    ["TWO", new Uint8Array([2]), true],
    ["ONE", new Uint8Array([1]), false],
  ]);
});

Deno.test("headers are no part of a block's content, and show a passphrase", () => {
  const header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,\n  00FF\n\n";
  const pem = pemBlock("EC PRIVATE KEY", new Uint8Array([1])).replace(
    "-----\n",
    `-----\n${header}`,
  );
  const [block] = blocksIn(pem);
  assertEquals([block!.der, block!.encrypted], [new Uint8Array([1]), true]);
});

Deno.test("a certificate without a version is of version 1", () => {
  const certificate = (...inside: number[]) =>
    new Uint8Array([0x30, inside.length + 2, 0x30, inside.length, ...inside]);
  assertEquals(versionOf(certificate(2, 1, 5)), 1);
  assertEquals(versionOf(certificate(0xa0, 3, 2, 1, 1)), 2);
  assertEquals(versionOf(certificate(0xa0, 3, 2, 1, 2, 2, 1, 5)), 3);
});

Deno.test("a value of DER has the length in its header, in each form of the length", () => {
  assertEquals(valueSize(new Uint8Array([0x30, 5])), 7);
  assertEquals(valueSize(new Uint8Array([0x30, 0x81, 200])), 203);
  assertEquals(valueSize(new Uint8Array([0x30, 0x82, 1, 0])), 260);
});
