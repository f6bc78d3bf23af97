/** The base of wrappers that hold output back: held bytes are written before EOF and close. */
import { DuplexWrapper } from "./wrapper.ts";

export abstract class Withholding extends DuplexWrapper {
  /** Whether it is closed: what is still written must not be held. */
  protected over = false;

  /** Takes all held bytes, for the last time. */
  protected abstract rest(): Uint8Array;

  override async closeWrite(): Promise<void> {
    await this.#release();
    await this.inner.closeWrite();
  }

  /** Nobody here waits for the last write: our stdout tells at the end if it has failed. */
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
