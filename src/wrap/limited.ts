/** Holds received messages to a length, whatever their transport takes. */
import type { Channel, Message } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { ChannelWrapper } from "./wrapper.ts";

/**
 * The same channel, where receiving a message of more than `longest` bytes is an error.
 *
 * @param fail Makes that error; without it a `BrokenError`.
 */
export function limited(
  channel: Channel,
  longest: number,
  fail: (reason: string) => Error = (why) => new BrokenError("receive from", channel.peer, why),
): Channel {
  return new (class extends ChannelWrapper {
    override async receive(): Promise<Message | null> {
      const message = await this.inner.receive();
      if (message === null || message.data.length <= longest) return message;
      throw fail(`a message of ${message.data.length} bytes is longer than ${longest}`);
    }
  })(channel);
}
