/** A message's content: its bytes stay as they are, what counts is where it ends. */
export interface Content {
  /** Whether all of it has come. */
  readonly over: boolean;
  /** Whether it ends with its connection, and in no other way. */
  readonly endless?: boolean;
  /** What is to be handed on behind its bytes, once it is over: the trailer section of chunks. */
  readonly tail?: Uint8Array;
  /** How many of the next bytes are to be handed on. Throws a `HeadError` for what is no chunk. */
  take(bytes: Uint8Array): number;
}

/** So many bytes. */
export class Sized implements Content {
  constructor(private left: number) {}

  get over(): boolean {
    return this.left === 0;
  }

  take({ length }: Uint8Array): number {
    const count = Math.min(length, this.left);
    this.left -= count;
    return count;
  }
}

/** Whatever comes until the connection ends. */
export class Endless implements Content {
  readonly over = false;
  readonly endless = true;

  take({ length }: Uint8Array): number {
    return length;
  }
}
