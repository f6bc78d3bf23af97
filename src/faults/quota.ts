/** The base of faults that let so many bytes pass, and then none. */
import { Fault, type Piece } from "./fault.ts";
import type { Attributes } from "./toxic.ts";

export abstract class Quota<A extends Attributes> extends Fault<A> {
  /** Bytes that have passed; they count on through changes of attributes. */
  protected passed = 0;

  /** How many more may pass now. */
  protected abstract get left(): number;

  /** Runs where no more may pass. Rejects, or resolves at a change. */
  protected abstract exhausted(): Promise<void>;

  /** Whether nothing passes any more. */
  protected get isExhausted(): boolean {
    return !this.place.isRemoved && this.left <= 0;
  }

  /** A message that exceeds what is left doesn't pass at all. */
  override async put({ data, text }: Piece): Promise<void> {
    const { framing } = this.place.connection;
    for (let at = 0, isDone = false; !isDone;) {
      const left = this.place.isRemoved ? Infinity : this.left;
      if (left > 0 && (framing === "stream" || data.length <= left)) {
        const part = data.subarray(at, at + left);
        await this.place.next.put({ data: part, text });
        this.passed += part.length;
        at += part.length;
        isDone = at === data.length;
      }
      if (!isDone) await this.exhausted();
    }
  }
}
