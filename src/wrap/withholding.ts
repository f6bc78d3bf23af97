/** The base of what holds bytes back on their way out: whatever ends it, they are written first. */
import { DuplexWrapper } from "./wrapper.ts";

export abstract class Withholding extends DuplexWrapper {
  /** Whether it has been closed: whatever is still written has nothing to wait for. */
  protected over = false;

  /** What is still held back. Called for the last time: nothing may be held afterwards. */
  protected abstract rest(): Uint8Array;

  override async closeWrite(): Promise<void> {
    await this.#release();
    await this.inner.closeWrite();
  }

  /** There is nobody to tell if the last write fails; whoever writes next will hear it again. */
  override close(reason?: Error): void {
    if (!this.over) this.#release().catch(() => {});
    this.over = true;
    this.inner.close(reason);
  }

  #release(): Promise<void> {
    const rest = this.rest();
    return rest.length > 0 ? this.inner.write(rest) : Promise.resolve();
  }
}
