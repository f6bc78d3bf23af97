/** Who may ask a control, and how little a peer can do to it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { descriptors, descriptorsBackTo, rss } from "../support/process.ts";
import { Coax, run, temporary } from "./coax.ts";
import { ControlProcess } from "./control.ts";
import { jsonOf, Lines, rawAnswer, statusOf } from "./control_answers.ts";
import { connectTo, receiveText, send } from "./peers.ts";

const MiB = 2 ** 20;
const HOST = "Host: localhost";
const TOKEN = "correct-horse/battery+staple==";

for (
  const [name, fields, status] of [
    ["a name of this machine", "Host: LOCALHOST:1", 200],
    ["an address of this machine", "Host: [::1]:8474", 200],
    ["another name that leads here (DNS rebinding)", "Host: evil.example:8474", 403],
    ["a number that is this machine's address", "Host: 2130706433", 403],
    ["a page of its own", `${HOST}\r\nOrigin: http://localhost`, 200],
    ["a page of another origin", `${HOST}\r\nOrigin: http://evil.example`, 403],
    ["a page in a sandbox", `${HOST}\r\nOrigin: null`, 403],
    ["an image of another page", `${HOST}\r\nSec-Fetch-Site: cross-site`, 403],
  ] as const
) {
  Deno.test(`a control answers ${status} to ${name}`, async () => {
    await using control = await ControlProcess.start();
    const answer = await rawAnswer(control, `GET /proxies HTTP/1.1\r\n${fields}\r\n\r\n`);
    assertEquals(statusOf(answer), status);
    assertEquals(/access-control/i.test(answer), false);
    if (status === 200) return;
    assertMatch(answer, /\r\ncontent-type: application\/json\r\n/i);
    assertEquals(jsonOf(answer).status, status);
    await control.coax.logs(/refused 127\.0\.0\.1:\d+ \(403\)/);
  });
}

Deno.test("--allow-origin lets a page and a name in", async () => {
  await using control = await ControlProcess.start("--allow-origin", "https://panel.example");
  const fields = "Host: panel.example\r\nOrigin: https://panel.example";
  const answer = await rawAnswer(control, `GET /proxies HTTP/1.1\r\n${fields}\r\n\r\n`);
  assertEquals(statusOf(answer), 200);
});

for (const words of [["control", "0.0.0.0:0"], ["relay", "0", "9", "--control", ":0"]]) {
  Deno.test(`coax ${words.join(" ")} needs a token, status 2`, async () => {
    const { status, stderr } = await run(words);
    assertEquals(status, 2);
    assertMatch(stderr, /^coax: --token: required: .*can be reached from other machines/m);
  });
}

Deno.test("a token is asked for, and shown nowhere", async () => {
  await using folder = await temporary();
  await Deno.writeTextFile(`${folder.path}/token`, `${TOKEN}\n`);
  const words = ["control", "0.0.0.0:0", "--token", `@${folder.path}/token`, "-vv"];
  await using control = Coax.start([...words, "--log-format", "json"]);
  const [, port] = await control.logs(/"control","address":"http:\/\/0\.0\.0\.0:(\d+)\/"/);
  const local = `http://127.0.0.1:${port}`;
  for (
    const [given, status] of [
      [undefined, 401],
      ["Bearer wrong", 401],
      [`Basic ${TOKEN}`, 401],
      [`Bearer ${TOKEN}`, 200],
    ] as const
  ) {
    const headers: Record<string, string> = given ? { Authorization: given } : {};
    const response = await fetch(`${local}/proxies`, { headers });
    const text = await response.text();
    assertEquals([response.status, text.includes("horse")], [status, false]);
    assertEquals(response.headers.has("www-authenticate"), status === 401);
  }
  {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    await using events = await Lines.open(`${local}/events?level=trace`, headers);
    await events.event("sums");
  }
  control.signal("SIGTERM");
  const { status, stderr } = await control.exit();
  assertEquals([status, stderr.includes("horse")], [0, false]);
});

Deno.test({
  name: "a token in a file isn't on the command line",
  ignore: lacks("/proc"),
  async fn() {
    await using folder = await temporary();
    await Deno.writeTextFile(`${folder.path}/token`, TOKEN);
    await using control = await ControlProcess.start("--token", `@${folder.path}/token`);
    const { pid } = control.coax;
    for (const file of ["cmdline", "environ"]) {
      assertEquals(Deno.readTextFileSync(`/proc/${pid}/${file}`).includes("horse"), false);
    }
    assertEquals((await control.ask("GET", "/version")).status, 401);
  },
});

for (const token of ["", "two words", "@/no/such/file"]) {
  Deno.test(`--token ${JSON.stringify(token)} is status 2`, async () => {
    const { status, stderr } = await run(["control", "127.0.0.1:0", "--token", token]);
    assertEquals(status, 2);
    assertMatch(stderr, /^coax: --token/);
  });
}

Deno.test("a body over 1 MiB is 413, and one of 1 MiB is read", async () => {
  await using control = await ControlProcess.start();
  const populate = (size: number) =>
    rawAnswer(
      control,
      `POST /populate HTTP/1.1\r\n${HOST}\r\nContent-Length: ${size}\r\n\r\n[]${
        " ".repeat(size - 2)
      }`,
    );
  assertEquals(statusOf(await populate(MiB)), 201);
  const answer = await populate(MiB + 1);
  assertEquals(statusOf(answer), 413);
  assertEquals(jsonOf(answer), {
    error: "the body is longer than 1048576 bytes",
    status: 413,
  });
  await control.coax.logs(/\(413\): the body is longer/);
});

/** What clients send who never come to an end. */
const SLOW = [
  ["are silent", ""],
  ["send heads without an end", `GET /proxies HTTP/1.1\r\n${HOST}\r\nX: ${"x".repeat(10_000)}`],
  [
    "send bodies without an end",
    `POST /populate HTTP/1.1\r\n${HOST}\r\nContent-Length: 900000\r\n\r\n[`,
  ],
] as const;

for (const [what, sent] of SLOW) {
  Deno.test({
    name: `500 clients of a control that ${what} hold up neither it nor a relay`,
    ignore: lacks("/proc"),
    async fn() {
      await using echo = Coax.start(["echo", "127.0.0.1:0"]);
      const words = ["relay", "127.0.0.1:0", await echo.address(), "--control", "127.0.0.1:0"];
      await using control = await ControlProcess.of([...words, "--handshake-timeout", "10m"]);
      const address = await control.coax.address();
      const { pid } = control.coax;
      assertEquals((await control.ask("GET", "/version")).status, 200);
      const [open, base] = [descriptors(pid), rss(pid)];
      const clients: Deno.Conn[] = [];
      try {
        for (let client = 0; client < 500; client++) {
          const conn = await connectTo(control.url);
          clients.push(conn);
          await send(conn, sent);
        }
        const begin = performance.now();
        assertEquals((await control.ask("GET", "/proxies")).status, 200);
        using relayed = await connectTo(address);
        await send(relayed, "hello");
        assertEquals(await receiveText(relayed, 5), "hello");
        const elapsed = performance.now() - begin;
        assert(elapsed < 2000, `${elapsed} ms`);
        assert(rss(pid) - base < 40 * MiB, `grown by ${(rss(pid) - base) / MiB} MiB`);
        await control.coax.logs(/needs its place.*\(the control's limit of 128 connections\)/);
      } finally {
        for (const client of clients) client.close();
      }
      await descriptorsBackTo(open, pid);
    },
  });
}

Deno.test("a slow request ends at --handshake-timeout", async () => {
  await using control = await ControlProcess.start("--handshake-timeout", "100ms");
  const answer = await rawAnswer(control, `GET /proxies HTTP/1.1\r\n${HOST}\r\nX`);
  assertEquals(statusOf(answer), 408);
  await control.coax.logs(/\(408\): no whole request within 0\.1 s/);
});

Deno.test("a client that half-closes gets its answer", async () => {
  await using control = await ControlProcess.start();
  using conn = await connectTo(control.url) as Deno.TcpConn;
  await send(conn, `GET /version HTTP/1.1\r\n${HOST}\r\n\r\n`);
  await conn.closeWrite();
  assertMatch(await receiveText(conn), /\{"version": "2\.12\.0"\}\n$/);
});
