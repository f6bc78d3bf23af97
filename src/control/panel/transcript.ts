/** What one connection has carried, as far as it is kept: the latest bytes of each direction. */
import { concat } from "../../core/bytes.ts";
import type { RecordedEvent, Side } from "../../record/event.ts";
import { LatestEvents } from "../../record/latest_events.ts";

/** What was sent at once: bytes as they were read, or a whole message. */
export interface Piece {
  /** Seconds since the connection was accepted. */
  readonly t: number;
  /** `in` is from the client to the target. */
  readonly dir: Side;
  readonly data: Uint8Array;
  /** Place of its first byte in its direction. */
  readonly offset: number;
  readonly isMessage: boolean;
  /** What happened instead: the end of a direction, or of the connection. */
  readonly event?: "half-close" | "close" | "reset" | "error";
  /** Whether coax did that, and neither of its peers. */
  readonly isOwn?: boolean;
  readonly text?: string;
}

const NONE = new Uint8Array();

export class Transcript {
  readonly #latest = new LatestEvents();
  #pieces: readonly Piece[] = [];
  /** How many events there had been when the pieces were made. */
  #made = 0;

  /** Grows with every event. */
  get count(): number {
    return this.#latest.count;
  }

  /** What passed and isn't kept, and for which limit. */
  get omitted(): LatestEvents["omitted"] {
    return this.#latest.omitted;
  }

  /** All that is kept, as a recording has it. */
  get events(): readonly RecordedEvent[] {
    return this.#latest.events;
  }

  get pieces(): readonly Piece[] {
    if (this.#made !== this.count) this.#pieces = this.#makePieces();
    this.#made = this.count;
    return this.#pieces;
  }

  apply(event: RecordedEvent): void {
    this.#latest.add(event);
  }

  #makePieces(): Piece[] {
    const { in: up, out: down } = this.omitted;
    const passed: Record<Side, number> = { in: up, out: down };
    let isOwn = false;
    return this.events.flatMap((event): Piece[] => {
      const { t } = event;
      if (event.event === "step" || event.event === "open") return [];
      if (event.event === "data" || event.event === "message") {
        const { dir, payload: { data } } = event;
        const offset = passed[dir];
        passed[dir] += data.length;
        return [{ t, dir, data, offset, isMessage: event.event === "message" }];
      }
      const dir = event.event === "error" ? "in" : event.dir ?? "in";
      const text = event.event === "error" ? event.text : undefined;
      if (event.event === "error") isOwn = event.own === true;
      const kind = event.event === "close" && event.reset ? "reset" : event.event;
      const piece = { t, dir, data: NONE, offset: passed[dir], isMessage: false, isOwn };
      return [{ ...piece, event: kind, text }];
    });
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
