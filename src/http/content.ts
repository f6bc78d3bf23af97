/** Finds where a message's content ends; its bytes are handed on unchanged. */
export interface Content {
  /** Whether all of it was taken. */
  readonly done: boolean;
  /** Whether it lasts until the connection is closed. */
  readonly untilClose?: boolean;
  /** The trailer section of chunked content, to be handed on behind it once it is done. */
  readonly trailerSection?: Uint8Array;
  /** Takes bytes; yields how many to hand on. Throws a `HeadError` for an invalid chunk. */
  take(bytes: Uint8Array): number;
}

/** Gets the bytes of content without its framing, piece by piece; valid only during the call. */
export type OnData = (bytes: Uint8Array) => void;

/** Content with a length (RFC 9112 §6.2), bytes. */
export class FixedLength implements Content {
  constructor(private remaining: number, private readonly onData?: OnData) {}

  get done(): boolean {
    return this.remaining === 0;
  }

  take(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.remaining);
    this.remaining -= count;
    this.onData?.(bytes.subarray(0, count));
    return count;
  }
}

/** Content that lasts until the connection is closed (RFC 9112 §6.3). */
export class UntilClose implements Content {
  readonly done = false;
  readonly untilClose = true;

  take({ length }: Uint8Array): number {
    return length;
  }
}
