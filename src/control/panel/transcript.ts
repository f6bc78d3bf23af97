/** What one connection has carried since it is looked at: the latest bytes of each direction. */
import { concat } from "../../core/bytes.ts";
import type { RecordedEvent, Side } from "../../record/event.ts";

/** Bytes that are kept of each direction. */
export const MAX_KEPT = 64 * 1024;
/** Pieces that are kept, of both directions. */
const MAX_PIECES = 2000;

/** What was sent at once: bytes as they were read, or a whole message. */
export interface Piece {
  /** Seconds since it is looked at. */
  readonly t: number;
  /** `in` is from the client to the target. */
  readonly dir: Side;
  readonly data: Uint8Array;
  /** Place of its first byte, counted from when it was first looked at. */
  readonly offset: number;
  readonly isMessage: boolean;
  /** What happened instead: the end of a direction, or of the connection. */
  readonly event?: "half-close" | "close" | "error";
  readonly text?: string;
}

const NONE = new Uint8Array();

export class Transcript {
  readonly #pieces: Piece[] = [];
  readonly #passed: Record<Side, number> = { in: 0, out: 0 };
  readonly #kept: Record<Side, number> = { in: 0, out: 0 };
  /** Bytes that passed and are kept no more. */
  dropped = 0;

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  apply(event: RecordedEvent): void {
    const { t } = event;
    if (event.event === "data" || event.event === "message") {
      const { dir, payload: { data } } = event;
      return this.#carry(t, dir, data, event.event === "message");
    }
    if (event.event !== "half-close" && event.event !== "close" && event.event !== "error") return;
    const dir = event.event === "error" ? "in" : event.dir ?? "in";
    const text = event.event === "error" ? event.text : undefined;
    const piece = { t, dir, data: NONE, offset: this.#passed[dir], isMessage: false };
    this.#add({ ...piece, event: event.event, text });
  }

  #carry(t: number, dir: Side, data: Uint8Array, isMessage: boolean): void {
    const tail = data.length > MAX_KEPT ? data.slice(-MAX_KEPT) : data;
    this.dropped += data.length - tail.length;
    const offset = this.#passed[dir] + data.length - tail.length;
    this.#passed[dir] += data.length;
    this.#kept[dir] += tail.length;
    this.#add({ t, dir, data: tail, offset, isMessage });
    while (this.#kept[dir] > MAX_KEPT) this.#drop((piece) => piece.dir === dir);
  }

  #add(piece: Piece): void {
    this.#pieces.push(piece);
    if (this.#pieces.length > MAX_PIECES) this.#drop(() => true);
  }

  /** Drops the first piece that `which` takes. */
  #drop(which: (piece: Piece) => boolean): void {
    const [dropped] = this.#pieces.splice(this.#pieces.findIndex(which), 1);
    this.#kept[dropped!.dir] -= dropped!.data.length;
    this.dropped += dropped!.data.length;
  }
}

/** Joins bytes that follow one another in one direction; messages stay as they are. */
export function joined(pieces: readonly Piece[]): Piece[] {
  const groups: Piece[][] = [];
  for (const piece of pieces) {
    const last = groups.at(-1)?.[0];
    const joins = last && !piece.isMessage && !last.isMessage && last.dir === piece.dir &&
      !piece.event && !last.event;
    if (joins) groups.at(-1)!.push(piece);
    else groups.push([piece]);
  }
  return groups.map((group) => ({ ...group[0]!, data: concat(group.map(({ data }) => data)) }));
}

/** Whether a piece has what is looked for: text without case, or bytes in hexadecimal. */
export function finds(text: string): (piece: Piece) => boolean {
  const wanted = text.toLowerCase();
  const hex = /^(?:[0-9a-f]{2}\s*){2,}$/i.test(text) ? text.replace(/\s/g, "").toLowerCase() : "";
  return ({ data, text: said = "" }) => {
    if (wanted === "") return true;
    if (decode(data).toLowerCase().includes(wanted) || said.toLowerCase().includes(wanted)) {
      return true;
    }
    const at = hex === "" ? -1 : data.toHex().indexOf(hex);
    return at >= 0 && at % 2 === 0;
  };
}

/** The characters of UTF-8, with a replacement for what is none. */
export function decode(data: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
}
