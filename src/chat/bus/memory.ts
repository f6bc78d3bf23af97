/** The bus of a single process: delivers each fact as it is published. */
import { type Bus, type Feed, newProcessName, type Subscriber } from "./bus.ts";
import type { Fact } from "./facts.ts";

export class MemoryBus implements Bus {
  readonly process: string = newProcessName();
  #count = 0;

  open(_room: string, subscriber: Subscriber): Feed {
    return {
      opened: Promise.resolve(),
      publish: (fact: Fact) => {
        const id = `${this.process}-${++this.#count}`;
        subscriber.deliver(fact, { mode: "live", id, time: new Date() });
        return true;
      },
      ready: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
