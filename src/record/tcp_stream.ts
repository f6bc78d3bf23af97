/** One direction of a TCP connection in a capture (RFC 9293 §3.4). */

/** The largest window: whatever says that more is on its way is of another connection. */
const LARGEST_WINDOW = 2 ** 30;

interface Piece {
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** What is missing behind the bytes that are in order. */
export interface Gap {
  readonly bytes: number;
  /** Bytes that are there, behind those that aren't. */
  readonly behind: number;
  /** Whether it may as well be the FIN that is missing, which is counted as a byte. */
  readonly mayBeEnd: boolean;
}

/** Puts bytes in order, and knows which of them aren't there. */
export class TcpStream {
  /** The sequence number of the first byte; undefined until a segment is seen. */
  begin: number | undefined;
  /** The sequence number behind the last byte, once FIN was seen. */
  end: number | undefined;
  /** Whether the FIN was passed on. */
  ended = false;
  /** The sequence number of the next byte in order. */
  #next = 0;
  /** The sequence number before which all is known to have been sent. */
  #reached = 0;
  /** Segments that came before their turn. */
  #waiting: Piece[] = [];
  /** Whether it may be the turn of one of them. */
  #isReady = false;

  /** Takes `sequence` for that of the first byte, unless that is known. */
  beginAt(sequence: number): void {
    if (this.begin !== undefined) return;
    this.begin = this.#next = this.#reached = sequence;
  }

  /** Notes that all before `sequence` has been sent, as a later segment or an answer shows. */
  reach(sequence: number): void {
    if (this.begin === undefined) return;
    const ahead = distance(this.#reached, sequence);
    if (ahead > 0 && ahead <= LARGEST_WINDOW) this.#reached = sequence;
  }

  /** Keeps a segment until its turn. */
  keep(sequence: number, data: Uint8Array): void {
    if (data.length === 0) return;
    this.#waiting.push({ sequence, data });
    this.#isReady ||= distance(this.#next, sequence) <= 0;
  }

  /** The bytes that are next; none where some are missing before. */
  *take(): Generator<Uint8Array> {
    while (this.#isReady) {
      const at = this.#waiting.findIndex(({ sequence }) => distance(this.#next, sequence) <= 0);
      this.#isReady = at >= 0;
      if (!this.#isReady) return;
      const { sequence, data } = this.#waiting[at]!;
      this.#waiting.splice(at, 1);
      const fresh = data.subarray(Math.min(distance(sequence, this.#next), data.length));
      if (fresh.length === 0) continue;
      this.#next = (this.#next + fresh.length) >>> 0;
      yield fresh;
    }
  }

  /** Whether a FIN was seen, and all bytes before it. */
  get isComplete(): boolean {
    return this.end !== undefined && distance(this.#next, this.end) <= 0;
  }

  /** Bytes that wait for their turn. */
  get kept(): number {
    return this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
  }

  /** What is missing, if anything is known to be. */
  get gap(): Gap | undefined {
    const known = this.end ?? this.#reached;
    const behind = this.kept;
    const bytes = this.#waiting.reduce(
      (least, { sequence }) => Math.min(least, distance(this.#next, sequence)),
      distance(this.#next, known),
    );
    if (bytes <= 0) return undefined;
    return { bytes, behind, mayBeEnd: bytes === 1 && behind === 0 && this.end === undefined };
  }
}

/** How far `other` is ahead of `one` in the circle of sequence numbers; negative behind it. */
function distance(one: number, other: number): number {
  return (other - one) | 0;
}
