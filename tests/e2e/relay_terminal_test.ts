/** What a relay tells on a terminal: a line for each connection that is over. */
import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../interop/peer_program.ts";
import { Coax, run } from "./coax.ts";
import { connectTo, receive, send, unusedPort } from "./peers.ts";
import { Terminal, tmux } from "./tmux.ts";

const PORT = /\b127\.0\.0\.1:\d+(?= →)/g;
const TIME = /(?<=B {2})[\d.]+ m?s\b/g;

/** The screen's rows without what differs from run to run. */
async function rowsOf(terminal: Terminal): Promise<string[]> {
  const rows = (await terminal.screen()).filter((row) => /^\[\d|^coax/.test(row));
  return rows.map((row) => row.replace(PORT, "PEER").replace(TIME, "TIME"));
}

testWith(tmux, "on a terminal, a relay has a line for each connection that is over", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const target = (await echo.address()).replace("tcp://127.0.0.1:", "");
  const [port, dead, nobody] = [unusedPort(), unusedPort(), unusedPort()];
  await using terminal = await Terminal.open({ columns: 100 });
  await terminal.enter(`coax relay ${dead} ${nobody} & coax relay ${port} ${target}`);
  await terminal.finds(new RegExp(`(?:listening [^]*?(?:${dead}|${port})\\n){4}`));
  assertEquals((await run(["client", `${port}`], { stdin: "ping\n" })).out, "ping\n");
  await terminal.finds(/^\[1\].*→/m);
  assertEquals((await run(["client", `${port}`], { stdin: "x".repeat(30_000) })).status, 0);
  await terminal.finds(/^\[2\].*→/m);
  await run(["client", `${dead}`], { stdin: "lost" });
  await terminal.finds(/→.*refused/);
  assertEquals(await rowsOf(terminal), [
    `[1] PEER → ${target}  ↑ 5 B  ↓ 5 B  TIME`,
    `[2] PEER → ${target}  ↑ 30 kB  ↓ 30 kB  TIME`,
    `coax: [1] connect ${nobody}: connection refused`,
    `[1] PEER → ${nobody}  ↑ 0 B  ↓ 0 B  TIME  connection refused`,
  ]);
  await terminal.enter("kill %1");
  await terminal.press("C-c");
});

testWith(tmux, "a control on a terminal has these lines for all of its proxies", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const target = (await echo.address()).replace("tcp://", "");
  const port = unusedPort();
  await using terminal = await Terminal.open({ columns: 100 });
  await terminal.enter("run control 127.0.0.1:0");
  const [, url] = await terminal.finds(/(http:\/\/127\.0\.0\.1:\d+)/);
  const body = JSON.stringify({ name: "p", listen: `127.0.0.1:${port}`, upstream: target });
  const made = await fetch(`${url}/proxies`, { method: "POST", body });
  assertEquals((await made.body?.cancel(), made.status), 201);
  await run(["client", `127.0.0.1:${port}`], { stdin: "ping\n" });
  await terminal.finds(/^\[1\] 127\.0\.0\.1:\d+ → \S+ {2}↑ 5 B {2}↓ 5 B {2}[\d.]+ m?s$/m);
  await terminal.press("C-c");
  await terminal.finds(/status 0/);
});

testWith(tmux, "a relay's progress stands below its lines, and fits the terminal", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const target = (await echo.address()).replace("tcp://127.0.0.1:", "");
  const port = unusedPort();
  await using terminal = await Terminal.open({ columns: 100, rows: 30 });
  await terminal.enter(`run relay 127.0.0.1:${port} ${target} --progress`);
  await terminal.finds(/listening on/);
  using held = await connectTo(`tcp://127.0.0.1:${port}`);
  await send(held, "x".repeat(2000));
  await receive(held, 2000);
  await terminal.finds(/^1 open {2}↑ +2 kB +\S+ k?B\/s {2}↓ +2 kB +\S+ k?B\/s {2}0:00:\d\d\|$/m);
  await terminal.resize(60, 30);
  await Promise.all(Array.from({ length: 20 }, async () => {
    using conn = await connectTo(`tcp://127.0.0.1:${port}`);
    await send(conn, "ping");
    await receive(conn, 4);
  }));
  await terminal.finds(/(?:^\[\d+\] .*B {2}↓ 4 B {2}[\d.]+ m?s\n){20}(?:1 open|↑) .*0:00:\d\d\|$/m);
  held.close();
  await terminal.finds(/(?:^\[\d+\] .*\n){21}(?:0 open|↑) .*\|$/m);
  await terminal.press("C-c");
  const [, screen] = await terminal.finds(/([^]*)\nstatus 0\n\$ \|$/m);
  const rows = screen!.split("\n");
  assertEquals(rows.filter((row) => /open|\|/.test(row)), []);
  assertMatch(rows.at(-1)!, /^(?:\^C)?sent 2.08 kB, received 2.08 kB, \S+ k?B\/s, 0:00:\d\d$/);
});

testWith(tmux, "with -q a terminal has errors alone", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const target = (await echo.address()).replace("tcp://", "");
  await using terminal = await Terminal.open();
  await terminal.enter(`echo hi | coax relay -q - ${target}; echo over $?`);
  await terminal.finds(/\nover 0\n\$ \|$/);
  assertEquals((await terminal.screen()).slice(1), ["hi", "over 0", "$ |"]);
});
