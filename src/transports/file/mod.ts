/** Opens files, devices and FIFOs as connections: what they hold is read, what is sent appended. */
import type { FileScheme } from "../../address/file_path.ts";
import type { Duplex } from "../../core/duplex.ts";
import { AddressError, CoaxError, UnavailableError } from "../../core/errors.ts";
import { reasonOfMaking } from "../system_reason.ts";
import type { DialOptions } from "../options.ts";
import { openDevice } from "./device.ts";
import { FileEnd } from "./file_end.ts";

interface FileAddress {
  readonly scheme: FileScheme;
  readonly path: string;
  readonly text: string;
}

/**
 * Opens a file. One that is read and appended to is read up to the end that it has now, since it
 * would otherwise return what is sent to it. Rejects with an `UnavailableError`, or with a
 * `UsageError` for a FIFO both ways.
 */
export async function openFile(address: FileAddress, { log }: DialOptions): Promise<Duplex> {
  const { scheme, path, text } = address;
  log.debug("open", `open ${text}`, { address: text });
  try {
    const found = await statIfThere(path);
    if (found) refuseUnfit(found, address);
    if (found && !found.isFile) {
      const { handle, oneWay } = openDevice(path, scheme, found);
      return new FileEnd(handle, address, { halfClose: oneWay });
    }
    const writes = scheme !== "file+read";
    const read = scheme !== "file+append";
    const handle = await Deno.open(path, { read, append: writes, create: writes });
    return new FileEnd(handle, address, { limit: writes ? found?.size ?? 0 : Infinity });
  } catch (error) {
    if (error instanceof CoaxError) throw error;
    const reason = reasonOfMaking(path, error as Error);
    throw new UnavailableError("open", text, reason, { cause: error });
  }
}

async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Throws where an address can't mean what is at its path. */
function refuseUnfit(found: Deno.FileInfo, { scheme, path, text }: FileAddress): void {
  if (found.isDirectory) throw new UnavailableError("open", text, "it is a directory");
  if (found.isSocket) {
    const meant = `did you mean unix:${path}?`;
    throw new UnavailableError("open", text, `a Unix socket is there; ${meant}`);
  }
  if (found.isFifo && scheme === "file") {
    const meant = `file+read:${path} or file+append:${path}`;
    throw new AddressError(text, `expected one way for a FIFO: ${meant}`);
  }
}
