/** `--send`: what can't be sent is refused before anything is opened. */
import { UsageError } from "../core/errors.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { carries, endpointOf } from "../options/needs.ts";
import type { FramingOptions } from "../setup/pair.ts";
import type { talkFlags } from "./options.ts";

interface SendContext {
  readonly options: Pick<OptionsOf<typeof talkFlags>, "send"> & Pick<FramingOptions, "maxMessage">;
  readonly operands: readonly string[];
}

/** Throws a `UsageError` for a text that is longer than a message to one of the operands may be. */
export function checkSend({ options: { send, maxMessage }, operands }: SendContext): void {
  const long = send.find(({ length }) => length > maxMessage);
  if (!long || operands.every((text) => carries(endpointOf(text).kind) === "bytes")) return;
  throw new UsageError("--send", `${long.length} bytes are more than --max-message ${maxMessage}`);
}
