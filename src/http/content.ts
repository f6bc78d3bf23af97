/** A message's content: its bytes stay as they are, what counts is where it ends. */
export interface Content {
  /** Whether all of it has come. */
  readonly done: boolean;
  /** Whether it ends with its connection, and in no other way. */
  readonly untilClose?: boolean;
  /** What is to be handed on behind its bytes, once it is over: the trailer section of chunks. */
  readonly tail?: Uint8Array;
  /** How many of the next bytes are to be handed on. Throws a `HeadError` for what is no chunk. */
  take(bytes: Uint8Array): number;
}

/** So many bytes. */
export class FixedLength implements Content {
  constructor(private left: number) {}

  get done(): boolean {
    return this.left === 0;
  }

  take({ length }: Uint8Array): number {
    const count = Math.min(length, this.left);
    this.left -= count;
    return count;
  }
}

/** Whatever comes until the connection ends. */
export class UntilClose implements Content {
  readonly done = false;
  readonly untilClose = true;

  take({ length }: Uint8Array): number {
    return length;
  }
}
