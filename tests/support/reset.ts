/** A peer that resets its connection, which the runtime can't do. */
import type { Duplex } from "../../src/core/duplex.ts";
import { silent } from "../../src/core/log.ts";
import { encode } from "./connections.ts";
import { bind } from "./transports.ts";

/**
 * An accepted TCP connection, and a function that has its peer reset it: a process that exits with
 * bytes unread in its socket sends RST (RFC 9293 §3.10.4).
 */
export async function resettable(): Promise<{ connection: Duplex; reset: () => Promise<void> }> {
  const [listener] = await bind("127.0.0.1:0");
  const port = listener!.addresses[0]!.split(":").at(-1);
  const process = new Deno.Command("bash", {
    args: ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port}; read -r`],
    stdin: "piped",
  }).spawn();
  const incoming = await listener!.accept();
  listener!.close();
  const connection = await incoming!.open(new AbortController().signal, silent) as Duplex;
  return {
    connection,
    async reset() {
      await connection.write(encode("never read"));
      await process.stdin.close();
      await process.status;
    },
  };
}
