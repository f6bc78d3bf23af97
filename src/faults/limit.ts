/** `limit_data` and `limit_time`: a connection that ends in the middle. */
import { Fault, type Piece, type Place } from "./fault.ts";
import { Quota } from "./quota.ts";

/** `reset`: whether both peers see a reset instead of EOF, where one can be sent. */
type Ending = { readonly reset?: boolean };

/** Passes `bytes` of one direction, then ends both connections. */
export class LimitData extends Quota<{ bytes: number } & Ending> {
  protected override get left(): number {
    return this.place.attributes.bytes - this.passed;
  }

  protected override exhausted(): Promise<void> {
    const { place, passed } = this;
    const { reset = false } = place.attributes;
    const text = `ended after ${passed} bytes to ${place.connection.peer}`;
    return Promise.reject(place.cut(text, { reset }));
  }

  override async put(piece: Piece): Promise<void> {
    await super.put(piece);
    if (this.isExhausted) await this.exhausted();
  }
}

/** Ends both connections after `time` milliseconds, whatever passes. */
export class LimitTime extends Fault<{ time: number } & Ending> {
  constructor(place: Place<{ time: number } & Ending>) {
    super(place);
    const start = performance.now();
    this.alarm(() => start + place.attributes.time, () => {
      const { time, reset = false } = place.attributes;
      place.cut(`ended after ${time} ms: ${place.connection.peer}`, { reset });
    });
  }
}
