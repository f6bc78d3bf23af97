/** Puts a ladder into the words of a language. */
import { formatCount } from "../../core/format.ts";
import type { Arrow, Fold, Ladder, Load, Note, Party, Row } from "../ladder.ts";
import { formatSeconds, formatSize } from "../units.ts";
import type { Dictionary, Lesson } from "./dictionary.ts";

/** The packet of TCP that stands for an arrow. */
const PACKETS: Readonly<Partial<Record<Arrow["what"], string>>> = {
  connect: "SYN",
  accept: "SYN, ACK",
  connection: "SYN, ACK",
  refused: "RST",
  fin: "FIN",
  close: "FIN",
  reset: "RST",
};

export class Words {
  /** @param dictionary The language. */
  constructor(private readonly dictionary: Dictionary) {}

  get tag(): string {
    return this.dictionary.tag;
  }

  /** How the lines are to be read. */
  get legend(): string {
    return this.dictionary.legend;
  }

  /** What a party is: `client`, `server (coax)`. */
  role({ role, isCoax }: Party): string {
    return `${this.dictionary.roles[role]}${isCoax ? " (coax)" : ""}`;
  }

  /** The line above a ladder. With `several` connections it says when this one began. */
  heading({ id, seconds, start, in: up, out: down }: Ladder, several: boolean): string {
    const { heading, begins } = this.dictionary;
    return [
      fill(heading, { id: `${id}` }),
      `→ ${formatSize(up.bytes)}`,
      `← ${formatSize(down.bytes)}`,
      formatSeconds(seconds),
      ...several ? [fill(begins, { time: formatSeconds(start) })] : [],
    ].join("  ");
  }

  /** What an arrow is: of one with a payload, the beginning of that. */
  arrow({ what, carrier, text, lost, seconds, code, load }: Arrow): string {
    const { arrows, closeFrame, noAnswer, comma, took } = this.dictionary;
    switch (what) {
      case "bytes":
      case "message":
        return load?.preview ?? "";
      case "request":
      case "response":
        return text ?? "";
      case "close":
        if (code !== undefined) return fill(closeFrame, { code: `${code}` });
        break;
      case "tls": {
        const time = seconds === undefined ? "" : fill(took, { time: formatSeconds(seconds) });
        return arrows.tls + time + (text ? comma + text : "");
      }
    }
    const packet = carrier === "tcp" && PACKETS[what] ? ` (${PACKETS[what]})` : "";
    return arrows[what] + packet + (lost ? noAnswer : "");
  }

  /** `20 MB in 1.2 s`; without the time where it is too short to be of interest. */
  load({ bytes, seconds }: Load): string {
    const isShort = seconds < 0.001;
    return formatSize(bytes) + (isShort ? "" : this.#took(seconds));
  }

  note({ what, text = "", seconds = 0 }: Note): string {
    return fill(this.dictionary.notes[what], { text, time: formatSeconds(seconds) });
  }

  fold({ what, in: up, out: down, seconds }: Fold): string {
    const { units, comma } = this.dictionary;
    const ways = [["→", up], ["←", down]] as const;
    const sums = ways.filter(([, { pieces }]) => pieces > 0).map(([way, { pieces, bytes }]) => {
      const unit = units[what][pieces === 1 ? 1 : 0];
      return `${way} ${formatSize(bytes)}${comma}${formatCount(pieces)} ${unit}`;
    });
    return sums.join("  ") + this.#took(seconds);
  }

  pause(seconds: number): string {
    return fill(this.dictionary.pause, { time: formatSeconds(seconds) });
  }

  /** What a row means; empty for a pause. */
  explain(row: Row, ladder: Ladder): string {
    const lesson = lessonOf(row, ladder);
    if (lesson === undefined) return "";
    const names = ladder.parties.map(({ role }) => this.dictionary.roles[role]);
    const [from = "", to = ""] = row.kind === "arrow" ? [names[row.from], names[row.to]] : [];
    return fill(this.dictionary.lessons[lesson], { from, to });
  }

  #took(seconds: number): string {
    return fill(this.dictionary.took, { time: formatSeconds(seconds) });
  }
}

/** Fills in the values for `{name}`. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** Whether a row stands for bytes or messages, also for those that aren't kept. */
function isCarried(row: Row): boolean {
  return row.kind === "arrow" ? row.load !== undefined : "what" in row && row.what === "omitted";
}

function lessonOf(row: Row, { carrier, what, rows }: Ladder): Lesson | undefined {
  switch (row.kind) {
    case "pause":
      return undefined;
    case "fold":
      return "fold";
    case "note":
      return row.what === "over" && carrier === "udp" ? "over UDP" : row.what;
  }
  switch (row.what) {
    case "connect":
    case "accept":
    case "connection":
      return row.carrier === "tcp" ? `${row.what} over TCP` : row.what;
    case "message":
      return row.carrier === "udp" ? "datagram" : "message";
    case "response":
      return /\b101\b/.test(row.text ?? "") ? "upgraded" : "not upgraded";
    case "fin":
      return row.lines[row.to] === "listens" ? "last fin" : "fin";
    case "close":
      return what === "message" ? "Close" : "close";
    case "bytes":
      return row === rows.find(isCarried) ? "first bytes" : "bytes";
    default:
      return row.what;
  }
}
