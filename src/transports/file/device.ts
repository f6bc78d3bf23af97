/**
 * Devices and FIFOs, through the C library: the runtime waits in its main thread until a FIFO's
 * other side is open, and opens no device for a program without every right (2.7.11).
 */
import type { FileScheme } from "../../address/file_path.ts";
import { errnoOf } from "../descriptor.ts";
import { systemError } from "../failure.ts";
import { CAREFULLY, type Libc, POLLIN, POLLOUT } from "../libc.ts";
import { LibcSocket, requireCalls } from "../libc_socket.ts";
import type { Handle } from "./file_end.ts";

const ACCESS: Readonly<Record<FileScheme, number>> = { "file+read": 0, "file+append": 1, file: 2 };

/**
 * Opens a device or a FIFO. Throws the system's error, or a `UsageError` where this takes another
 * system.
 */
export function openDevice(
  path: string,
  scheme: FileScheme,
  { isFifo, isCharDevice }: Deno.FileInfo,
): { handle: Handle; oneWay: boolean } {
  const calls = requireCalls(scheme, path);
  const name = new TextEncoder().encode(path + "\0");
  const number = calls.open(name, ACCESS[scheme] | CAREFULLY);
  if (number < 0) {
    const error = systemError(errnoOf(calls));
    const unread = isFifo === true && error.code === "ENXIO";
    throw unread ? new Error("nobody reads this FIFO") : error;
  }
  const handle = new Device(calls, number, { isFifo, isCharDevice });
  return { handle, oneWay: scheme !== "file" };
}

class Device extends LibcSocket implements Handle {
  #awaitsWriter: boolean;

  constructor(
    calls: Libc,
    number: number,
    private readonly kind: Pick<Deno.FileInfo, "isFifo" | "isCharDevice">,
  ) {
    super(calls, number);
    this.#awaitsWriter = kind.isFifo === true;
  }

  /** Resolves with null once a FIFO's last writer has closed it, or a terminal's line hung up. */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#awaitsWriter) await this.untilReady(POLLIN); // Until then it reads as EOF.
    this.#awaitsWriter = false;
    const { calls, number } = this;
    const room = buffer as Uint8Array<ArrayBuffer>;
    try {
      return await this.whenReady(
        POLLIN,
        () => Number(calls.read(number, room, BigInt(room.length))),
      ) || null;
    } catch (error) {
      if (this.kind.isCharDevice && (error as { code?: string }).code === "EIO") return null;
      throw error;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    const { calls, number } = this;
    const data = bytes as Uint8Array<ArrayBuffer>;
    return this.whenReady(POLLOUT, () => Number(calls.write(number, data, BigInt(data.length))));
  }
}
