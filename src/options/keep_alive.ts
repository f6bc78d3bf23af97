/** `--keepalive`, for connections over TCP. */
import { custom } from "../flags/flag.ts";
import { needing } from "../flags/needs.ts";
import { parseDuration } from "../flags/values.ts";
import { tcpSomewhere } from "./needs.ts";

/** Longest time that the system takes (`MAX_TCP_KEEPIDLE`), milliseconds. */
const LONGEST_KEEP_ALIVE = 32_767_000;

function parseKeepAlive(text: string): number | "off" {
  if (text === "off" || text === "0") return "off";
  const time = parseDuration(text);
  if (time > LONGEST_KEEP_ALIVE) throw new Error("expected up to 32767s, or off");
  return time || "off";
}

export const keepAliveFlags = needing(tcpSomewhere, {
  keepalive: custom(
    "ask a silent TCP peer after this long whether it is still there, or off (system's time)",
    parseKeepAlive,
    { value: "D|off" },
  ),
});
