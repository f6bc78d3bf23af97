/** Tells a person how to come into the room that has just been opened. */
import { isLoopback } from "../address/ip.ts";
import type { Invitation } from "../chat/invitations.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { type generalFlags, wantsColor } from "../options/general.ts";
import { terminalSize, writeErrorLine } from "../transports/terminal.ts";

type InviteOptions = Pick<OptionsOf<typeof generalFlags>, "color" | "logFormat">;

/**
 * Logs the ways into the room, and draws the QR code of its page where stderr is a terminal that
 * has space for it. Returns the URLs of the page.
 */
export async function invite(
  ways: readonly Invitation[],
  options: InviteOptions,
  log: Log,
): Promise<string[]> {
  for (const way of ways) {
    const fields = way.event === "open" ? { address: way.url } : { command: way.command };
    log.info(way.event, way.text, fields);
  }
  const pages = ways.flatMap((way) => way.event === "open" ? [way.url] : []);
  const isSeen = options.logFormat === "text" && log.enabled("info") && Deno.stderr.isTerminal();
  const page = pages.find((url) => !isOurs(url)) ?? pages[0];
  if (isSeen && page !== undefined) await drawCode(page, wantsColor(options.color, true));
  return pages;
}

/** Whether only this machine can open a URL. */
function isOurs(url: string): boolean {
  return isLoopback(new URL(url).hostname);
}

async function drawCode(url: string, color: boolean): Promise<void> {
  const { qrRows } = await import("../chat/qr_code.ts");
  const rows = qrRows(url, color);
  const { columns, rows: height } = terminalSize();
  const width = 2 * rows.length; // It is as wide as it is high, and a character is half as wide.
  if (width >= columns || rows.length >= height) return;
  for (const row of rows) writeErrorLine(row);
}
