/** A program with an input line, and an error that nothing catches. */
import { silent } from "../../src/core/log.ts";
import { ownEnd } from "../../src/talk/own_end.ts";

const own = await ownEnd({ conversation: true, color: "never", log: silent });
if (!own.hasInputLine) throw new Error("no terminal");
await own.connection.write(new TextEncoder().encode("a line\n"));
setTimeout(() => {
  throw new Error("nothing catches this");
}, 0);
await own.connection.read(new Uint8Array(1));
