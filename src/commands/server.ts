/** `coax server`: accept a connection and talk to it; with `-k`, to many at once. */
import { type Accepted, serve } from "../core/serve.ts";
import { Tee } from "../core/tee.ts";
import { stdio } from "../transports/stdio.ts";
import { defineCommand } from "./command.ts";
import { expecting } from "./expecting.ts";
import { listenAll } from "./listening.ts";
import { general } from "./general.ts";
import { OURS, placeOf } from "./needs.ts";
import { framing, seeing, serving, talking } from "./options.ts";
import { charsetOf } from "./pairing.ts";
import { Progress } from "./progress.ts";
import { recorded } from "./record.ts";
import { isConversation, talk } from "./talk.ts";
import { watch } from "./watch.ts";

export const server = defineCommand({
  name: "server",
  summary: "accept a connection and talk to it through stdin and stdout",
  operands: "ADDRESS...",
  examples: [
    ["coax server 9000", "wait for one client and talk to it"],
    ["coax server 9000 > file", "store what one client sends"],
    ["coax server -k --prefix 9000", "talk to all who come, each line marked with its sender"],
  ],
  flags: { ...talking, ...framing, ...serving, ...seeing, ...general },
  sides: (operands) => ({ from: operands.map(placeOf), to: [OURS] }),
  onSignal: "drain",
  run: recorded(
    expecting(async ({ operands, options, log: plain, stop }, recorder, { late, met }) => {
      const progress = Progress.of(options, plain);
      const log = progress?.log ?? plain;
      const input = progress?.input(stdio) ?? stdio;
      const charset = await charsetOf(options);
      const { listeners, admit } = await listenAll(operands, options, log, stop);
      const interactive = isConversation(options);
      const shared = options.keepOpen ? new Tee(input) : undefined;
      late.addEventListener("abort", () => progress?.end());
      const hint = options.keepOpen ? "" : ": type to send, Ctrl-D ends your side, Ctrl-C leaves";
      if (interactive) {
        shared?.ended.then(() => {
          log.info(
            "stdin-ended",
            "stdin has ended: clients hear that at once, Ctrl-C ends the server",
          );
        });
      }

      const done = new AbortController();
      const handle = async ({ end, id, peer, log }: Accepted) => {
        if (interactive) log.info("accepted", `${peer} has connected${hint}`);
        const watched = watch(end, log, options, recorder?.connection(end, id, "in"));
        await talk(
          progress?.watch(watched) ?? watched,
          options,
          charset,
          shared?.join() ?? input,
          () => met.abort(),
        );
        if (options.expect) done.abort();
        if (interactive) log.info("left", `${peer} has left`);
      };
      try {
        await serve(listeners, handle, {
          ...options,
          admit,
          once: !options.keepOpen,
          log,
          abort: late,
          stop: AbortSignal.any([stop, done.signal]),
        });
      } finally {
        progress?.end();
      }
    }),
  ),
});
