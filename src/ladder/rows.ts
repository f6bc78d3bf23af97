/** Makes the rows of a ladder, event by event. */
import type { Message } from "../core/duplex.ts";
import type { MessageTransport, Omitted, RecordedEvent, Side } from "../record/event.ts";
import type { Arrow, ArrowKind, Carrier, LineState, Note, NoteKind, Row } from "./ladder.ts";
import { ByteRun, loadOf } from "./byte_run.ts";
import { type Cast, isOpenedHere } from "./parties.ts";
import { printable } from "./printable.ts";
import { bare, type Failure, isResetText, shown, sizes } from "./row_texts.ts";

/** The reason of an attempt that isn't needed any more (`src/transports/connect.ts`). */
const GIVEN_UP = "given up";

type Step = Extract<RecordedEvent, { event: "step" }>;
type Close = Extract<RecordedEvent, { event: "close" }>;
type Details = Partial<Omit<Arrow, "kind" | "what" | "from" | "to">>;

export class Rows {
  readonly rows: Row[] = [];
  readonly #lines: LineState[];
  /** Which connections are established: the first, and the second where coax is a relay. */
  readonly #established: boolean[];
  readonly #ended: Record<Side, boolean> = { in: false, out: false };
  /** Rows of attempts to connect without an outcome, by address: several may be under way. */
  readonly #attempts = new Map<string, number>();
  #run: ByteRun | undefined;
  /** What passed before the next event and isn't there, until a row says so. */
  #omitted: Omitted | undefined;
  #failure: Failure | undefined;
  #closed = false;
  /** Whether datagrams have come beside a stream. */
  #hasDatagrams = false;
  #t = 0;

  /** @param separate Whether each read and write is an arrow of its own. */
  constructor(
    private readonly cast: Cast,
    private readonly transport: MessageTransport | undefined,
    private readonly start: number,
    private readonly separate: boolean,
  ) {
    this.#established = cast.carriers.map((one) => one === "udp" || one === "unixgram");
    this.#lines = cast.parties.map(() => transport === "udp" ? "sends" : "listens");
  }

  add(event: RecordedEvent): void {
    this.#t = Math.max(this.#t, event.t - this.start);
    if (event.event !== "step" && event.event !== "open") this.#noteOmitted();
    switch (event.event) {
      case "step":
        return this.#step(event);
      case "open":
        this.#omitted = event.omitted;
        return this.#opened(event.begun);
      case "data":
        return this.#bytes(event.dir, event.payload.data);
      case "message":
        return this.#message(event.dir, event.payload);
      case "half-close":
        return this.#halfClose(event.dir);
      case "error":
        this.#failure = event;
        return;
      case "close":
        return this.#close(event);
    }
  }

  /** Finishes the last run, and unless it is `live` says that the connection goes on. */
  finish(live: boolean): void {
    this.#noteOmitted();
    this.#endRun();
    if (live || this.#closed || this.rows.length === 0) return;
    if (!this.#established[0]) return this.#attemptsFailed("");
    this.#noteFailure();
    this.#note("unfinished", this.cast.coax);
  }

  #step({ step, leg, address, text, seconds, ends }: Step): void {
    const { coax } = this.cast;
    const isTarget = leg === "target" && this.#legs > 1;
    const [a, b] = isTarget ? [1, 2] as const : [0, 1] as const;
    const details: Details = { text: text === undefined ? undefined : printable(text) };
    switch (step) {
      case "create":
      case "bind":
      case "listen":
        return this.#note(step, coax, { text: bare(address) });
      case "resolved":
      case "proxied":
      case "spawn":
        return this.#note(step, coax, { text: shown(step, address, text) });
      case "fault":
        return this.#note("fault", coax, details);
      case "connect":
        if (ends) this.#attemptFailed("", ""); // A SYN is sent again where none was answered.
        this.#arrow("connect", a, b);
        this.#attempts.set(address ?? "", this.rows.length - 1);
        return;
      case "connect-failed":
        return this.#attemptFailed(address ?? "", details.text ?? "");
      case "retry":
        this.#attemptsFailed(details.text?.replace(/^.*: /s, "") ?? "");
        return this.#note("retry", coax, { seconds });
      case "accept":
      case "connected":
        return this.#establish(a);
      case "tls":
        this.#t = Math.max(this.rows.at(-1)?.t ?? 0, this.#t - (seconds ?? 0));
        this.#establish(a);
        return this.#arrow("tls", a, b, { ...details, seconds });
      case "request":
        this.#establish(a);
        return this.#arrow("request", a, b, details);
      case "response":
        return this.#arrow("response", b, a, details);
    }
  }

  get #legs(): number {
    return this.cast.carriers.length;
  }

  /** A connection between the parties `a` and `a + 1` is there. */
  #establish(a: number, begun = false): void {
    if (this.#established[a]) return;
    this.#established[a] = true;
    this.#lines[a] = this.#lines[a + 1] = "sends";
    if (begun) return this.#note("begun", this.cast.coax);
    if (isOpenedHere(this.cast.carriers[a]!)) return;
    if (this.#attempts.size === 0) this.#arrow("connection", a, a + 1);
    else this.#arrow("accept", a + 1, a);
  }

  /** Without steps, the connection was established at once, or had `begun` before. */
  #opened(begun = false): void {
    this.#establish(0, begun);
    if (this.cast.carriers[0] === "udp") this.#note("datagrams", this.cast.coax);
  }

  /** Every attempt without an outcome has failed. */
  #attemptsFailed(text: string): void {
    for (const address of this.#attempts.keys()) this.#attemptFailed(address, text);
  }

  #attemptFailed(address: string, text: string): void {
    const row = this.#attempts.get(address);
    this.#attempts.delete(address);
    if (row === undefined) return;
    const attempt = this.rows[row] as Arrow & Row;
    if (/refused/.test(text)) return this.#arrow("refused", attempt.to, attempt.from, { text });
    this.rows[row] = { ...attempt, lost: true };
    // An attempt is given up when another one has succeeded, or at its deadline.
    if (text !== "" && text !== GIVEN_UP) this.#note("unreachable", attempt.from, { text });
  }

  #bytes(dir: Side, data: Uint8Array): void {
    if (this.separate || !this.#run?.takes(dir, this.#t)) {
      this.#endRun();
      this.#path("bytes", dir);
      this.#run = new ByteRun(this.rows.length - 1, dir, this.#t);
    }
    this.#run!.add(data, this.#t);
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = undefined;
    if (run) this.rows[run.row] = { ...this.rows[run.row] as Arrow & Row, load: run.load() };
  }

  #message(dir: Side, message: Message): void {
    const load = loadOf(message);
    if (this.transport) return this.#path("message", dir, { load });
    // Beside a stream of bytes there can only be datagrams.
    if (!this.#hasDatagrams) this.#note("datagrams", this.cast.coax);
    this.#hasDatagrams = true;
    this.#path("message", dir, { load, carrier: "udp" });
  }

  #halfClose(dir: Side): void {
    this.#ended[dir] = true;
    this.#lines[dir === "in" ? 0 : this.cast.parties.length - 1] = "listens";
    this.#path("fin", dir);
  }

  /** An arrow from one end to the other, or to coax as long as there is no target. */
  #path(what: ArrowKind, dir: Side, details?: Details): void {
    const last = this.#last;
    if (dir === "in") this.#arrow(what, 0, last, details);
    else this.#arrow(what, last, 0, details);
  }

  /** Index of the last party that is connected. */
  get #last(): number {
    return this.#established[1] ? 2 : 1;
  }

  #close({ dir, code, reset }: Close): void {
    const isReset = reset ?? isResetText(this.#failure);
    if (!this.#established.at(-1)) this.#attemptsFailed("");
    const by = this.#closer(dir);
    if (!isReset) this.#noteFailure();
    const finished = this.#ended.in && this.#ended.out;
    const isClose = this.transport === "ws" || !finished;
    const what = isReset ? "reset" : this.transport !== "udp" && isClose ? "close" : undefined;
    const ends = by === 0 ? [this.#last] : by === this.#last ? [0] : [0, this.#last];
    if (what) { for (const end of ends) this.#arrow(what, by, end, { code }); }
    this.#closed = true;
    this.#lines.fill("gone");
    this.#note("over", this.cast.coax);
  }

  /** Index of the party that closes: where coax is a relay, it may be coax itself. */
  #closer(dir: Side = "in"): number {
    if (dir === "in") return 0;
    const isOwn = !this.#failure || this.#failure.own;
    return this.#legs > 1 && isOwn ? this.cast.coax : this.#last;
  }

  #noteOmitted(): void {
    const omitted = this.#omitted;
    this.#omitted = undefined;
    if (!omitted) return;
    this.#note("omitted", this.cast.coax, { text: sizes(omitted) });
  }

  #noteFailure(): void {
    const { text } = this.#failure ?? {};
    const told = this.rows.findLast((row) => "text" in row && row.text !== undefined);
    const isTold = told && "text" in told && text?.endsWith(`: ${told.text}`);
    if (text !== undefined && !isTold) {
      this.#note("error", this.cast.coax, { text: printable(text) });
    }
    this.#failure = undefined;
  }

  #arrow(what: ArrowKind, from: number, to: number, details: Details = {}): void {
    if (what !== "bytes") this.#endRun();
    const carrier: Carrier = this.cast.carriers[from < to ? from : from - 1]!;
    const lines = [...this.#lines];
    this.rows.push({ kind: "arrow", what, from, to, carrier, ...details, t: this.#t, lines });
  }

  #note(what: NoteKind, at: number, details: Partial<Note> = {}): void {
    this.#endRun();
    const lines = [...this.#lines];
    this.rows.push({ kind: "note", what, at, ...details, t: this.#t, lines });
  }
}
