/** `--progress` on a terminal: a row that is drawn again in its place, and a line at the end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../interop/peer_program.ts";
import { temporary } from "./coax.ts";
import { connectTo, listenHere, receive, send, unusedPort } from "./peers.ts";
import { Terminal, tmux } from "./tmux.ts";

/** More than the buffers of both systems take. */
const SIZE = 60_000_000;

/** A file whose upload stands still: its receiver has taken a part of it. */
async function stalled(stack: AsyncDisposableStack, { columns = 80, options = "", rest = "" }) {
  const { path } = stack.use(await temporary());
  await Deno.writeFile(`${path}/file`, new Uint8Array(SIZE));
  const terminal = stack.use(await Terminal.open({ columns, rows: 12 }));
  const peer = stack.use(listenHere());
  const line = `run client --progress ${options} ${peer.address} < ${path}/file ${rest}`;
  await terminal.enter(line);
  const conn = stack.use(await peer.accept());
  return { terminal, conn };
}

/** A bar that has begun, and isn't full. */
const BAR = "[━╸]*─+";

testWith(
  tmux,
  "a file's progress is one row with a bar, which fits a terminal of any width",
  async () => {
    await using stack = new AsyncDisposableStack();
    const { terminal } = await stalled(stack, {});
    const rows: [number, RegExp][] = [
      [
        80,
        new RegExp(
          `^↑ +[\\d.]+ MB +\\S+ [kM]?B/s  ↓ 0 B  \\d:\\d\\d:\\d\\d  ${BAR} +\\d+ %  ETA \\S+$`,
        ),
      ],
      [40, new RegExp(`^↑ +[\\d.]+ MB  ${BAR} +\\d+ %  ETA \\S+$`)],
      [20, /^\d+ % ETA \S+$/],
      [9, /^\d+ %$/],
      [
        200,
        new RegExp(
          `^↑ +[\\d.]+ MB +\\S+ [kM]?B/s  ↓ 0 B  \\d:\\d\\d:\\d\\d  [━╸─]{100,} +\\d+ %  ETA \\S+$`,
        ),
      ],
      [30, new RegExp(`^${BAR} +\\d+ %  ETA \\S+$`)],
    ];
    for (const [columns, pattern] of rows) {
      await terminal.resize(columns, 12);
      const whole = new RegExp(pattern.source.replace(/\$$/, "\\|$"), "m");
      await terminal.finds(whole);
      const drawn = (await terminal.screen()).filter((row) => /\d %/.test(row));
      assertEquals(drawn.length, 1, drawn.join("\n"));
    }
  },
);

testWith(tmux, "progress has colors, and none with NO_COLOR or --color never", async () => {
  for (const [options, colored] of [["", true], ["--color never", false]] as const) {
    await using stack = new AsyncDisposableStack();
    const { terminal } = await stalled(stack, { options });
    await terminal.finds(/ % {2}ETA/);
    assertEquals(/\x1b\[[\d;]*m[━─]/.test(await terminal.colors()), colored, options);
  }
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporary());
  await Deno.writeFile(`${path}/file`, new Uint8Array(SIZE));
  await using terminal = await Terminal.open({ env: { NO_COLOR: "1" } });
  using peer = listenHere();
  await terminal.enter(`run client --progress ${peer.address} < ${path}/file`);
  using _ = await peer.accept();
  await terminal.finds(/ % {2}ETA/);
  assert(!/\x1b\[[\d;]*m[━─]/.test(await terminal.colors()));
});

testWith(
  tmux,
  "the row is gone at the end, where one line sums up, also after Ctrl-C",
  async () => {
    for (const [end, row, status] of [["eof", "100 %", 0], ["C-c", "\\d+ %", 130]] as const) {
      await using stack = new AsyncDisposableStack();
      const { terminal, conn } = await stalled(stack, {});
      await terminal.finds(/ % {2}ETA/);
      if (end === "C-c") await terminal.press("C-c");
      else {
        assertEquals((await receive(conn)).length, SIZE);
        conn.close();
      }
      const [screen] = await terminal.finds(new RegExp(`[^]*status ${status}\n[^]*`));
      const rows = screen.split("\n").filter((row) => /[━─]|sent /.test(row));
      assertEquals(rows.length, 1, screen);
      assertMatch(
        rows[0]!,
        new RegExp(`^(?:\\^C)?sent \\d.* MB, received 0 B, \\S+ [kM]?B/s, \\S+, ${row}$`),
      );
    }
  },
);

testWith(
  tmux,
  "what arrives and what is logged stand above the row, each on lines of its own",
  async () => {
    await using stack = new AsyncDisposableStack();
    const { terminal, conn } = await stalled(stack, { options: "-v" });
    await terminal.finds(/ % {2}ETA/);
    await send(conn, "one\ntwo\nthree\n");
    await terminal.finds(/one\ntwo\nthree\n.*[━─].* ETA/);
    await send(conn, "an open end");
    await terminal.finds(/three\nan open end\|$/);
    await send(conn, ", closed\n");
    await terminal.finds(/\nan open end, closed\n.*[━─].* ETA .*\|$/);
    await send(conn, "bye");
    await receive(conn);
    conn.close();
    await terminal.finds(/status 0/);
    const text = (await terminal.screen()).join("\n");
    assertMatch(
      text,
      /\nbye\nwe are done [^]*(?<!\n)\nsent 60 MB, received 37 B, [^\n]* 100 %\nstatus 0\n/,
    );
    assert(!/[━─]|\n\n/.test(text), text);
  },
);

testWith(
  tmux,
  "what is no file has bytes and rate each way, also above an input line",
  async () => {
    await using terminal = await Terminal.open({ columns: 90, rows: 12 });
    const port = unusedPort();
    await terminal.enter(`run server -k --progress 127.0.0.1:${port}`);
    await terminal.finds(/listening on/);
    using one = await connectTo(`tcp://127.0.0.1:${port}`);
    await send(one, "x".repeat(2999) + "\n");
    await terminal.finds(/^↑ 0 B {2}↓ +3 kB +[\d.]+ [kM]?B\/s {2}0:00:\d\d$/m);
    await terminal.enter("typed");
    await terminal.finds(/^↑ +6 B +\d+ B\/s {2}↓ +3 kB +\d+ k?B\/s {2}0:00:\d\d$/m);
    assertEquals(new TextDecoder().decode(await receive(one, 6)), "typed\n");
    await terminal.press("C-c");
    const [screen] = await terminal.finds(/[^]*status 0/);
    assertEquals(screen.match(/↑/g), null);
    assertMatch(screen, /^sent 6 B, received 3 kB, /m);
    await terminal.isRestored();
  },
);
