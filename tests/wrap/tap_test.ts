import { assert, assertEquals } from "@std/assert";
import type { Connection } from "../../src/core/duplex.ts";
import { type Observer, tap } from "../../src/wrap/tap.ts";
import { decode, encode, MessageScript, readAll, Script } from "../support/connections.ts";

function recordingObserver(): { entries: string[]; observer: Observer } {
  const entries: string[] = [];
  const size = (bytes: Uint8Array) => decode(bytes);
  const observer: Observer = {
    received: (bytes, message) => entries.push(`received ${size(bytes)} ${message?.text ?? "-"}`),
    sent: (bytes, message) => entries.push(`sent ${size(bytes)} ${message?.text ?? "-"}`),
    receivedEof: () => entries.push("peer ended"),
    sentEof: () => entries.push("we ended"),
    closed: (reason) => entries.push(`closed ${reason?.message ?? "-"}`),
  };
  return { entries, observer };
}

Deno.test("tap reports each chunk and each EOF, in order", async () => {
  const { entries, observer } = recordingObserver();
  const inner = new Script(["ab", "c"]);
  const connection = tap(inner, observer);
  assertEquals(decode(await readAll(connection)), "abc");
  await connection.write(encode("answer"));
  await connection.closeWrite();
  connection.close();
  assertEquals(entries, [
    "received ab -",
    "received c -",
    "peer ended",
    "sent answer -",
    "we ended",
    "closed -",
  ]);
  assertEquals([inner.text, inner.writeEnded], ["answer", true]);
});

Deno.test("sending is reported before it happens, and even if it fails", async () => {
  const calls: string[] = [];
  const observer: Observer = {
    sending: (bytes) => calls.push(`sending ${decode(bytes)}`),
    sendingEof: () => calls.push("ending"),
  };
  for (const inner of [new Script(), new MessageScript()]) {
    const fail = () => {
      calls.push("handed on");
      return Promise.reject(new Error("reset"));
    };
    Object.assign(inner, { write: fail, send: fail, closeWrite: fail });
    const connection = tap(inner as Connection, observer);
    const data = encode("x");
    const sending = connection.framing === "stream"
      ? connection.write(data)
      : connection.send({ data });
    await sending.catch(() => {});
    await connection.closeWrite().catch(() => {});
    assertEquals(calls.splice(0), ["sending x", "handed on", "ending", "handed on"]);
  }
});

Deno.test("tap reports messages with their types", async () => {
  const { entries, observer } = recordingObserver();
  const inner = new MessageScript([{ data: encode("m"), text: true }]);
  const connection = tap(inner, observer);
  await connection.receive();
  await connection.receive();
  await connection.send({ data: encode(""), text: false });
  await connection.closeWrite();
  connection.close(new Error("gone"));
  assertEquals(entries, [
    "received m true",
    "peer ended",
    "sent  false",
    "we ended",
    "closed gone",
  ]);
});

Deno.test("closed is reported once, however often close is called", () => {
  for (const inner of [new Script(), new MessageScript()]) {
    const { entries, observer } = recordingObserver();
    const connection = tap(inner as Connection, observer);
    connection.close(new Error("first"));
    connection.close();
    assertEquals(entries, ["closed first"]);
  }
});

Deno.test("a failed write isn't reported as sent", async () => {
  const { entries, observer } = recordingObserver();
  const inner = new Script();
  inner.write = () => Promise.reject(new Error("reset"));
  await tap(inner, observer).write(encode("x")).catch(() => {});
  assertEquals(entries, []);
});

Deno.test("a tapped connection has the same peer, half-close, framing and closed", () => {
  const closed = Promise.resolve();
  for (const inner of [new Script(), new MessageScript()]) {
    const connection = tap(Object.assign(inner, { closed }) as Connection, {});
    assertEquals([connection.peer, connection.halfClose, connection.framing], [
      inner.peer,
      inner.halfClose,
      inner.framing,
    ]);
    assert(connection.closed === closed);
  }
});

Deno.test("after the close nothing is reported: EOF of a read that closing wakes is nobody's", async () => {
  const { entries, observer } = recordingObserver();
  const connection = tap(new Script(["late"]), observer);
  connection.close();
  await readAll(connection);
  await connection.closeWrite();
  assertEquals(entries, ["closed -"]);
});
