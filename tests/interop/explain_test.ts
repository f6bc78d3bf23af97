/** `coax explain`: both command lines behave the same with the same peer. */
import { assertEquals } from "@std/assert";
import { grammarOf } from "../../src/commands/explain.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { answer, translate } from "../../src/explain/mod.ts";
import { splitWords } from "../../src/address/words.ts";
import { COAX, Coax, PIPE, temporary } from "../e2e/coax.ts";
import { listenHere, receiveText, send, unusedPort } from "../e2e/peers.ts";
import { until } from "../support/wait.ts";
import { available, testWith } from "./peer_program.ts";

const nc = { name: "nc (OpenBSD)", available: available("nc", ["-h"], /OpenBSD/) };
const old = { name: "nc.traditional", available: available("nc.traditional", ["-h"], /v1\.10/) };
const ncat = { name: "ncat", available: available("ncat", ["--version"], /Ncat/) };
const socat = { name: "socat", available: available("socat", ["-V"], /socat version/) };

const grammar = grammarOf(await loadCommands());

/** The other tool's words, and the coax words that explain answers. */
function both(line: string): readonly (readonly string[])[] {
  const words = splitWords(line)!;
  return [words, [...COAX, ...translate(words, grammar).words!]];
}

/** Runs both against a peer that reads to EOF and answers; each sends and receives `asked`. */
function asClient(program: typeof nc, line: string, asked: string, received: string): void {
  testWith(program, `as a client: ${line}`, async () => {
    for (const at of [0, 1]) {
      using peer = listenHere();
      const words = both(line.replaceAll("PORT", peer.address.split(":")[1]!))[at]!;
      await using process = Coax.spawn(words, { stdin: "question\n" });
      using conn = await peer.accept();
      assertEquals(asked && await receiveText(conn, asked.length), asked, words.join(" "));
      await send(conn, "answer\n");
      await conn.closeWrite();
      const { status, out, stderr } = await process.exit();
      assertEquals([status, out], [0, received], words.join(" ") + stderr);
    }
  });
}

asClient(nc, "nc -N 127.0.0.1 PORT", "question\n", "answer\n");
asClient(nc, "nc -N -C localhost PORT", "question\r\n", "answer\n");
asClient(nc, "nc -d 127.0.0.1 PORT", "", "answer\n");
asClient(nc, "nc -4 -q 5 -w 5 127.0.0.1 PORT", "question\n", "answer\n");
asClient(ncat, "ncat -C -w 5s 127.0.0.1 PORT", "question\r\n", "answer\n");
asClient(ncat, "ncat --recv-only 127.0.0.1 PORT", "", "answer\n");
asClient(ncat, "ncat --send-only 127.0.0.1 PORT", "question\n", "");
asClient(ncat, "ncat 127.0.0.1 PORT -c 'echo from a child; cat >&2'", "from a child\n", "");
asClient(socat, "socat - TCP4:127.0.0.1:PORT,connect-timeout=5", "question\n", "answer\n");
asClient(socat, "socat -t 5 -T 9 STDIO TCP:localhost:PORT", "question\n", "answer\n");
asClient(socat, "socat -u - TCP:127.0.0.1:PORT", "question\n", "");
asClient(
  socat,
  "socat SYSTEM:'echo from a child; cat >/dev/null' TCP:127.0.0.1:PORT",
  "from a child\n",
  "",
);

/** Runs both as a listener for a client that asks; they answer with their stdin or a command. */
function asServer(program: typeof nc, line: string, answer: string, many = false): void {
  testWith(program, `as a server: ${line}`, async () => {
    for (const at of [0, 1]) {
      await using temp = await temporary();
      const [port, path] = [unusedPort(), `${temp.path}/s`];
      const words = both(line.replaceAll("PORT", `${port}`).replaceAll("PATH", path))[at]!;
      await using process = Coax.spawn(words, { stdin: PIPE });
      for (let turn = 0; turn < (many ? 2 : 1); turn++) {
        using conn = await connected(line.includes("PATH") ? { path } : { port });
        await send(conn, "question\n");
        if (answer === "typed\n") await process.write(answer);
        assertEquals(await receiveText(conn, answer.length), answer, words.join(" "));
        await conn.closeWrite();
        if (answer === "typed\n") await process.prints(/^question\n/);
      }
      await process.end();
      if (!many) assertEquals((await process.exit()).status, 0, words.join(" "));
    }
  });
}

/** A connection, as soon as something listens. */
async function connected(to: { port: number } | { path: string }): Promise<Deno.Conn> {
  let conn: Deno.Conn | undefined;
  await until(async () => {
    try {
      conn = "path" in to
        ? await Deno.connect({ transport: "unix", path: to.path })
        : await Deno.connect({ hostname: "127.0.0.1", port: to.port });
    } catch {
      return false;
    }
    return true;
  }, "somebody listens");
  return conn!;
}

asServer(nc, "nc -l 127.0.0.1 PORT", "typed\n");
asServer(nc, "nc -l -s 127.0.0.1 -p PORT", "typed\n");
asServer(nc, "nc -l PORT", "typed\n");
asServer(nc, "nc -lU PATH", "typed\n");
asServer(old, "nc.traditional -l -s 127.0.0.1 -p PORT", "typed\n");
asServer(old, "nc.traditional -l -p PORT -c 'head -n 1 | tr a-z A-Z'", "QUESTION\n");
asServer(ncat, "ncat -l 127.0.0.1 PORT", "typed\n");
asServer(ncat, "ncat -l PORT", "typed\n");
asServer(ncat, "ncat -lk 127.0.0.1 PORT -c 'head -n 1 | tr a-z A-Z'", "QUESTION\n", true);
asServer(ncat, "ncat -lk 127.0.0.1 PORT -e /bin/cat -m 3", "question\n", true);
asServer(socat, "socat TCP-LISTEN:PORT,bind=127.0.0.1,reuseaddr -", "typed\n");
asServer(socat, "socat TCP-LISTEN:PORT,bind=127.0.0.1,reuseaddr,fork PIPE", "question\n", true);
asServer(socat, "socat TCP-LISTEN:PORT,reuseaddr,fork EXEC:'head -n 1'", "question\n", true);
asServer(socat, "socat UNIX-LISTEN:PATH,fork SYSTEM:'head -n 1 | tr a-z A-Z'", "QUESTION\n", true);

/** Runs the answer for `line` in a shell, with `coax` on PATH. */
async function inShell(line: string, temp: { readonly path: string }): Promise<Coax> {
  await Deno.writeTextFile(`${temp.path}/coax`, `#!/bin/sh\nexec ${COAX.join(" ")} "$@"\n`, {
    mode: 0o700,
  });
  const [command] = answer(translate([line], grammar), (note) => [note]).split("\n");
  const path = `PATH=${temp.path}:$PATH; export PATH; `;
  return Coax.spawn(["sh", "-c", path + command], { stdin: "" });
}

Deno.test("a pipeline in an answer is one that a shell runs", async () => {
  using peer = listenHere();
  const port = peer.address.split(":")[1]!;
  await using temp = await temporary();
  await using process = await inShell(
    `$ printf 'a b\\n' | nc -N 127.0.0.1 ${port} | tr a-z A-Z`,
    temp,
  );
  using conn = await peer.accept();
  assertEquals(await receiveText(conn, 4), "a b\n");
  await send(conn, "answer\n");
  await conn.closeWrite();
  const { status, out, stderr } = await process.exit();
  assertEquals([status, out], [0, "ANSWER\n"], stderr);
});

Deno.test("a loop around nc -l becomes one command that answers each connection", async () => {
  const port = unusedPort();
  await using temp = await temporary();
  await using process = await inShell(
    `while true; do { echo one; echo two; } | nc -l 127.0.0.1 ${port}; done`,
    temp,
  );
  for (let turn = 0; turn < 2; turn++) {
    using conn = await connected({ port });
    assertEquals(await receiveText(conn, 8), "one\ntwo\n");
  }
  await process.end();
});

Deno.test("a range of ports is tried one by one", async () => {
  using peer = listenHere();
  const port = Number(peer.address.split(":")[1]!);
  await using temp = await temporary();
  await using process = await inShell(`nc -z -w1 127.0.0.1 ${port} ${port}-${port}`, temp);
  const { out, stderr } = await process.exit();
  assertEquals(out, `127.0.0.1:${port} is open\n`.repeat(2), stderr);
});

testWith(socat, "socat -u leaves a command its stdout, and so does the answer", async () => {
  for (const words of both("socat -u - EXEC:'tr a-z A-Z'")) {
    await using process = Coax.spawn(words, { stdin: "shown\n" });
    const { status, out, stderr } = await process.exit();
    assertEquals([status, out], [0, "SHOWN\n"], words.join(" ") + stderr);
  }
});
