/** A direction whose sink takes no more: what becomes of it, and of the other one. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Channel, Duplex, Message } from "../../src/core/duplex.ts";
import { BrokenError, CommandError, ReaderGoneError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { splice } from "../../src/core/splice.ts";
import { decode, encode, MessageScript, readAll, Script } from "../support/connections.ts";
import { drainEventLoop, isPending, soon, until } from "../support/wait.ts";

/** A connection like a child's: `sink` and `client` are controlled by the test. */
function childLike() {
  const [connection, other] = memoryPair();
  const readerGone = Promise.withResolvers<void>();
  const taken: string[] = [];
  let closed = false;
  readerGone.promise.then(() => closed = true);
  const sink: Duplex = {
    ...connection,
    readerGone: readerGone.promise,
    write(bytes) {
      if (closed) return Promise.reject(new ReaderGoneError("picky"));
      taken.push(decode(bytes));
      return Promise.resolve();
    },
  };
  return { sink, taken, closeReader: readerGone.resolve, other };
}

Deno.test("bytes for a closed write side are dropped, and the answer still arrives whole", async () => {
  const [peer, client] = memoryPair(4);
  const { sink, taken, closeReader, other } = childLike();
  const over = splice([client, sink]);
  await peer.write(encode("yes"));
  await until(() => taken.length === 1, "the first bytes");
  closeReader();
  await soon(peer.write(encode("more than any buffer on the way holds")), "the upload");
  await other.write(encode("answer"));
  await other.closeWrite();
  assertEquals(decode(await soon(readAll(peer), "the answer")), "answer");
  assert(await isPending(over)); // A close would be a reset to a peer that is still sending.
  await soon(peer.write(encode("and still more than that")), "the rest");
  await peer.closeWrite();
  await soon(over, "the splice");
  assertEquals(taken, ["yes"]);
});

Deno.test("a peer that doesn't close after the answer's EOF is closed once it is silent", async () => {
  const [peer, client] = memoryPair();
  const { sink, closeReader, other } = childLike();
  const over = splice([client, sink]);
  await other.closeWrite();
  assertEquals(await readAll(peer), new Uint8Array());
  closeReader();
  await soon(over, "the splice");
});

Deno.test("a splice rejects with a reset of a peer whose bytes are dropped", async () => {
  const [peer, client] = memoryPair();
  const { sink, closeReader, other } = childLike();
  const over = splice([client, sink]);
  closeReader();
  await peer.write(encode("unwanted"));
  await other.closeWrite();
  assertEquals(await readAll(peer), new Uint8Array());
  const reason = new BrokenError("receive from", "x", "reset by peer");
  peer.close(reason);
  assertEquals(await soon(assertRejects(() => over), "the splice"), reason);
});

Deno.test("our own stdin isn't read for a peer whose reader is gone, and delays nothing", async () => {
  for (const written of [true, false]) {
    const [input, stdin] = memoryPair(4);
    const { sink, closeReader, other } = childLike();
    const over = splice([{ ...stdin, own: true }, sink]);
    closeReader();
    const writing = written ? input.write(encode("y\ny\ny\ny\ny\ny\n")) : undefined;
    await other.write(encode("answer"));
    await other.closeWrite();
    assertEquals(decode(await soon(readAll(input), "the answer")), "answer");
    await soon(over, "the splice");
    if (writing) await soon(assertRejects(() => writing, BrokenError), "the end of the write");
  }
});

Deno.test("a connection that can't receive our EOF is closed once all was delivered", async () => {
  const [peer, client] = memoryPair();
  const { sink, closeReader, other } = childLike();
  const over = splice([{ ...client, halfClose: false }, sink]);
  closeReader();
  await other.closeWrite();
  await soon(over, "the splice");
  assertEquals(await readAll(peer), new Uint8Array());
});

Deno.test("a command's failure is reported after its answer, and to the other connection", async () => {
  const failure = new CommandError("run", "exec:x", "the command exited with 3");
  const [peer, client] = memoryPair();
  const { sink, closeReader } = childLike();
  const failed = Promise.withResolvers<void>();
  failed.promise.catch(() => {});
  const answer = new Script(["an ", "answer"]);
  const child: Duplex = {
    ...sink,
    closed: failed.promise,
    close: () => failed.reject(failure),
    async read(buffer) {
      const count = await answer.read(buffer);
      if (count === null) throw failure;
      return count;
    },
  };
  const closes: (Error | undefined)[] = [];
  const over = splice([
    {
      ...client,
      halfClose: false,
      close(reason) {
        closes.push(reason);
        client.close();
      },
    },
    child,
  ]);
  assertEquals(decode(await soon(readAll(peer), "the answer")), "an answer");
  assert(await isPending(over));
  closeReader();
  assertEquals(await soon(assertRejects(() => over), "the splice"), failure);
  assertEquals(closes, [failure]);
});

/** A stream that shows resets, and a WebSocket whose peer closes once `close` is called. */
function closingPair() {
  const message = { data: encode("an upload") };
  const closed = Promise.withResolvers<null>();
  const sent = Promise.withResolvers<void>();
  const read = Promise.withResolvers<Message>();
  const stream = Object.assign(new MessageScript(), {
    halfClose: true,
    showsReset: true,
    receive: () => read.promise,
  });
  const webSocket = Object.assign(new MessageScript(), {
    request: { path: "/" },
    peerClose: undefined as Channel["peerClose"],
    receive: () => closed.promise,
    send: () => sent.promise,
  });
  const close = () => {
    webSocket.peerClose = { code: 1000, reason: "" };
    closed.resolve(null);
  };
  return { stream, webSocket, upload: () => read.resolve(message), close, fail: sent.reject };
}

for (const when of ["is being sent", "arrives"]) {
  Deno.test(`a Close while an upload ${when} is no EOF for its sender, but a reset`, async () => {
    const { stream, webSocket, upload, close, fail } = closingPair();
    const over = splice([stream, webSocket]);
    const failure = new BrokenError("send to", "web", "closed with 1000");
    if (when === "arrives") {
      close();
      await Promise.resolve();
      upload();
    } else {
      upload();
      await drainEventLoop();
      close();
      await drainEventLoop();
    }
    fail(failure);
    assertEquals(await soon(assertRejects(() => over), "the splice"), failure);
    assertEquals([stream.writeEnded, stream.closes], [false, [failure]]);
  });
}

Deno.test("a Close while nothing is sent is EOF", async () => {
  const { stream, webSocket, close } = closingPair();
  splice([stream, webSocket]);
  close();
  await until(() => stream.writeEnded, "the EOF");
  assertEquals(stream.closes, []);
});
