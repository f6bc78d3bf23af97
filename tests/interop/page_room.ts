/** A room with a page, as a process. */
import { Coax, PIPE } from "../e2e/coax.ts";

/** A room for browsers at this port, and for TCP clients. */
export async function openRoom(port = 0, ...args: string[]) {
  const words = ["chat", `ws://127.0.0.1:${port}`, "127.0.0.1:0", ...args];
  const coax = Coax.start(words, { stdin: PIPE });
  const [ws, tcp] = await coax.listening(2);
  return {
    coax,
    url: ws!.replace("ws:", "http:"),
    tcp: tcp!,
    [Symbol.asyncDispose]: () => coax[Symbol.asyncDispose](),
  };
}
