/** `--open`: shows the panel in a browser. */
import { parseAddress } from "../address/address.ts";
import { reasonOf, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { openBrowser } from "../transports/process/mod.ts";
import type { ControlAddress } from "./control.ts";

/** Throws a `UsageError` for an address that no browser can open. */
export function checkOpen({ text, subject }: Pick<ControlAddress, "text" | "subject">): void {
  if (parseAddress(text).scheme !== "unix") return;
  throw new UsageError(
    "--open",
    `no browser can open ${subject} "${text}": expected a TCP address`,
  );
}

/** Shows the first URL, without waiting for it. Where that fails, the log says so. */
export function openPanel([url]: readonly string[], log: Log): void {
  openBrowser(url!).catch((error) => {
    log.warn("open", `--open: ${reasonOf(error)}; the panel is at ${url}`, { address: url });
  });
}
