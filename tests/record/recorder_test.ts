import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Channel, Connection } from "../../src/core/duplex.ts";
import {
  BrokenError,
  CloseError,
  FaultError,
  LocalError,
  LoggedError,
  ResetError,
  ShutdownError,
  TimeoutError,
} from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import type { Side, SocketStep } from "../../src/record/event.ts";
import { Recorder } from "../../src/record/recorder.ts";
import { tap } from "../../src/wrap/tap.ts";
import { temporary } from "../e2e/coax.ts";
import { encode, MessageScript, readAll, Script } from "../support/connections.ts";
import { recorder as logRecorder } from "../support/log.ts";

const EMPTY = { data: new Uint8Array() };

/** The recorded lines of `act`, without their times. */
async function recorded<E extends Connection>(
  inner: E,
  peerSide: Side,
  act: (connection: E) => Promise<void> | void,
): Promise<Record<string, unknown>[]> {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  const recorder = new Recorder(path, false, silent);
  await act(tap(inner as Connection, recorder.connection(inner, 1, peerSide)) as E);
  await recorder.finish();
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
  const times = lines.map(({ t }) => t as number);
  assertEquals(times, times.toSorted((a, b) => a - b));
  return lines.map(({ t: _, id, ...rest }) => {
    assertEquals(id, 1);
    return rest;
  });
}

async function conversation(connection: Script): Promise<void> {
  await readAll(connection);
  await connection.write(encode("pong"));
  await connection.closeWrite();
  connection.close();
}

Deno.test("dir says which side connected, whichever side we are", async () => {
  for (const [peerSide, ourSide] of [["in", "out"], ["out", "in"]] as const) {
    assertEquals(await recorded(new Script(["ping"]), peerSide, conversation), [
      // The connecting side opens, and `at` is where the peer is, if it is elsewhere.
      { event: "open", dir: "in", peer: "script", ...(peerSide === "out" ? { at: "out" } : {}) },
      { event: "data", dir: peerSide, text: "ping" },
      { event: "half-close", dir: peerSide },
      { event: "data", dir: ourSide, text: "pong" },
      { event: "half-close", dir: ourSide },
      { event: "close", dir: ourSide },
    ]);
  }
});

Deno.test("a character that is split between two reads stays what it was", async () => {
  const [a, b] = [Uint8Array.of(0xc3), Uint8Array.of(0xa4)];
  const lines = await recorded(new Script([a, b]), "in", conversation);
  assertEquals(lines.filter(({ base64 }) => base64), [
    { event: "data", dir: "in", base64: "ww==" },
    { event: "data", dir: "in", base64: "pA==" },
  ]);
});

Deno.test("an answer never comes before its request, even if sending returns later", async () => {
  const answered = Promise.withResolvers<void>();
  const inner = new Script(["answer"]);
  inner.write = () => answered.promise;
  const lines = await recorded(inner, "out", async (connection) => {
    const writing = connection.write(encode("question"));
    await connection.read(new Uint8Array(10));
    answered.resolve();
    await writing;
  });
  assertEquals(lines.slice(1).map(({ text }) => text), ["question", "answer"]);
});

Deno.test("a recording shows no secret of an address", async () => {
  const url = "ws://h/x?token=SECRET";
  const inner = Object.assign(new Script([]), { peer: url });
  const lines = await recorded(
    inner,
    "out",
    (connection) => connection.close(new BrokenError("send", url, "no")),
  );
  const [open, error] = lines.map(({ peer, text }) => peer ?? text);
  assertEquals([open, error], ["ws://h/x?token=***", "send ws://h/x?token=***: no"]);
});

Deno.test("messages keep their types and boundaries, and an empty one is one", async () => {
  const inner = new MessageScript([{ data: encode("a"), text: true }, { data: encode("") }]);
  const lines = await recorded(inner as Channel, "in", async (connection) => {
    while (await connection.receive());
    await connection.send({ data: encode("b"), text: false });
    connection.close();
  });
  assertEquals(lines.slice(1), [
    { event: "message", dir: "in", text: "a" },
    { event: "message", dir: "in", text: "" },
    { event: "message", dir: "out", base64: "Yg==" },
    { event: "close", dir: "in" }, // Without half-close, EOF is recorded as a close.
  ]);
});

Deno.test("a close has the code of its protocol, also through wrappers", async () => {
  const inner = tap(Object.assign(new MessageScript(), { closeCode: 4001 }) as Channel, {});
  const lines = await recorded(inner, "in", (connection) => connection.close());
  assertEquals(lines.at(-1), { event: "close", dir: "out", code: 4001 });
});

Deno.test("an error is recorded before the close, and a normal close for a reason isn't", async () => {
  const reset = new BrokenError("receive from", "script", "reset by peer");
  const lines = await recorded(new Script(), "in", (connection) => connection.close(reset));
  assertEquals(lines.slice(1), [
    { event: "error", text: "receive from script: reset by peer", status: 1 },
    { event: "close", dir: "out" },
  ]);
  const quiet = await recorded(
    new Script(),
    "in",
    (connection) => connection.close(new ShutdownError()),
  );
  assertEquals(quiet.slice(1), [{ event: "close", dir: "out" }]);
});

Deno.test("the side that breaks or closes a connection is recorded as closing it", async () => {
  const left = new CloseError("script", 4001, "bye");
  const reset = new BrokenError("send to", "script", "reset by peer");
  const ours = new TimeoutError("ping", "script", "no pong for 1 s");
  for (const [failure, closer] of [[left, "in"], [reset, "in"], [ours, "out"]] as const) {
    const inner = Object.assign(new MessageScript(), {
      receive: () => Promise.reject(failure),
      send: () => Promise.reject(failure),
    }) as Channel;
    for (
      const act of [
        (connection: Channel) => connection.receive(),
        (connection: Channel) => connection.send(EMPTY),
      ]
    ) {
      const lines = await recorded(inner, "in", async (connection) => {
        await assertRejects(() => act(connection), failure.constructor as ErrorConstructor);
        connection.close(failure);
      });
      assertEquals(lines.at(-1), { event: "close", dir: closer });
    }
  }
});

Deno.test("a close says whether the peer sent a reset, or saw one", async () => {
  const reset = new ResetError("receive from", "script");
  const broken = Object.assign(new Script(), { read: () => Promise.reject(reset) });
  const received = await recorded(broken, "in", async (connection) => {
    await assertRejects(() => connection.read(new Uint8Array(1)), ResetError);
    connection.close(reset);
  });
  assertEquals(received.at(-1), { event: "close", dir: "in", reset: true });
  for (const showsReset of [true, false]) {
    const passedOn = Object.assign(new Script(), { showsReset });
    const lines = await recorded(passedOn, "in", (connection) => connection.close(reset));
    const seen = showsReset ? { reset: true } : {};
    assertEquals(lines.at(-1), { event: "close", dir: "out", ...seen });
  }
});

Deno.test("an error says whether it is coax that ended the connection", async () => {
  for (
    const [reason, own] of [
      [new ResetError("receive from", "script"), undefined],
      [new TimeoutError("idle", "script", "no byte"), true],
      [new FaultError("cut-after", "script", "fault injected"), true],
    ] as const
  ) {
    const lines = await recorded(new Script(), "in", (connection) => connection.close(reason));
    assertEquals([lines.at(-2)!.event, lines.at(-2)!.own], ["error", own]);
  }
});

Deno.test("opening says what carries messages, and our address where it is known", async () => {
  const opened = async (inner: Connection) =>
    (await recorded(inner, "in", (connection) => connection.close()))[0];
  const open = { event: "open", dir: "in", peer: "script" };
  assertEquals(await opened(new Script()), open);
  assertEquals(await opened(Object.assign(new Script(), { local: "[::1]:9" })), {
    ...open,
    local: "[::1]:9",
  });
  assertEquals((await opened(new MessageScript()))!.transport, "udp");
  const typed = Object.assign(new MessageScript(), { typed: true });
  assertEquals((await opened(typed))!.transport, "ws");
});

Deno.test("steps of a followed log are recorded with the next event of their connection", async () => {
  await using temp = await temporary();
  const recorder = new Recorder(`${temp.path}/r`, false, silent);
  const log = recorder.follow(silent);
  const stepsOf = () =>
    Deno.readTextFileSync(`${temp.path}/r`).trimEnd().split("\n").filter(Boolean)
      .map((line) => JSON.parse(line)).map(({ id, event, steps = [] }) => {
        const told = steps.map(({ step, address }: SocketStep) => [step, address].join(" ").trim());
        return [id, event, ...told].join(" ");
      });
  log.debug("connect", "of no connection", { address: "x" });
  log.with({ id: 1 }).debug("connect", "first", { address: "ws://h?token=SECRET" });
  log.with({ id: 2 }).debug("connect", "second", { address: "b" });
  log.with({ id: 2 }).error("failed", "never open");
  assertEquals(stepsOf(), []);
  const inner = new Script();
  const first = tap(inner, recorder.connection(inner, 1, "out"));
  recorder.connection(new Script(), 2, "out");
  log.with({ id: 1 }).info("fault", "cut");
  first.close();
  log.with({ id: 1 }).info("fault", "too late");
  assertEquals(stepsOf(), [
    "1 open connect ws://h?token=***",
    "2 open",
    "1 close fault",
  ]);
  await recorder.finish();
});

Deno.test("a recording is its owner's alone, and never replaces a file unless forced", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  const first = new Recorder(path, false, silent);
  first.connection(new Script(), 1, "in");
  await first.finish();
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  Deno.writeTextFileSync(path, "precious");
  Deno.chmodSync(path, 0o644);
  assertThrows(() => new Recorder(path, false, silent), LocalError, "--force");
  assertEquals(Deno.readTextFileSync(path), "precious");
  await new Recorder(path, true, silent).finish();
  const { size, mode } = Deno.statSync(path);
  assertEquals([size, mode! & 0o777], [0, 0o600]);
  assertThrows(() => new Recorder(`${temp.path}/none/r`, false, silent), LocalError, "no such");
});

Deno.test("a recording without an event leaves no file behind", async () => {
  await using temp = await temporary();
  await new Recorder(`${temp.path}/r`, false, silent).finish();
  assertEquals([...Deno.readDirSync(temp.path)], []);
});

Deno.test("a full disk stops the recording with one error line, and nothing else", async () => {
  const { log, events } = logRecorder();
  const recorder = new Recorder("/dev/full", true, log);
  const inner = new Script(["ping"]);
  await conversation(tap(inner, recorder.connection(inner, 1, "in")) as Script);
  assertEquals(inner.text, "pong");
  assertEquals(events.map(({ event, level }) => [event, level]), [["record-failed", "error"]]);
  await recorder[Symbol.asyncDispose]();
  assertEquals((await assertRejects(() => recorder.finish(), LoggedError)).status, 10);
});
