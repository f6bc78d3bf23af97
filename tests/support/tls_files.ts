/** A certificate in files, as the command line's options take it. */
import { temporary } from "../e2e/coax.ts";
import type { Authority } from "./certificates.ts";

/** Options for both sides: a certificate of the authority's, and the authority itself. */
export async function tlsFiles(trusted: Authority) {
  const directory = await temporary();
  const { cert, key } = await trusted.issue();
  const path = async (name: string, text: string) => {
    await Deno.writeTextFile(`${directory.path}/${name}`, text);
    return `${directory.path}/${name}`;
  };
  return {
    serving: ["--cert", await path("cert.pem", cert), "--key", await path("key.pem", key)],
    trusting: ["--ca", await path("ca.pem", trusted.pem)],
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
