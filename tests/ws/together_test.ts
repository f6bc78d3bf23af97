import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { carry } from "../../src/core/splice.ts";
import { DuplexWrapper } from "../../src/wrap/wrapper.ts";
import { ViolationError } from "../../src/ws/close.ts";
import { decode, readAll } from "../support/connections.ts";
import { memoryPair } from "../support/memory.ts";
import { soon } from "../support/wait.ts";
import { channelOn } from "./pair.ts";
import { frame, frames, masked } from "./wire.ts";

/** Counts the writes to a stream. */
class CountedWrites extends DuplexWrapper {
  count = 0;
  override write(bytes: Uint8Array): Promise<void> {
    this.count++;
    return this.inner.write(bytes);
  }
}

Deno.test("messages that arrive together go back together, before a Close for what follows", async () => {
  const [inner, peer] = memoryPair();
  const stream = new CountedWrites(inner);
  const channel = channelOn(stream, "server");
  const messages = Array.from({ length: 10 }, (_, i) => masked(frame(0x81, `message ${i}`)));
  const notUtf8 = masked(frame(0x81, Uint8Array.of(0xff)));
  await peer.write(concat([...messages, notUtf8]));
  await assertRejects(() => carry([channel, channel]), ViolationError);
  channel.close();
  const received = readAll(peer);
  await peer.closeWrite();
  const answers = frames(await soon(received, "all answers"));
  assertEquals(
    answers.map(({ opcode, payload }) => opcode === 8 ? "close" : decode(payload)),
    [...messages.keys()].map((i) => `message ${i}`).concat("close"),
  );
  assert(stream.count <= 3, `${stream.count} writes`);
  await soon(channel.closed.catch(() => {}), "the close");
});
