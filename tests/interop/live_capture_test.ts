/** `GET /recording?format=pcap`: a capture that Wireshark's programs read while it grows. */
import { assertEquals } from "@std/assert";
import { connectTo, receiveText, send, soon } from "../e2e/peers.ts";
import { openControl } from "./panel_lab.ts";
import { available, testWith } from "./peer_program.ts";

const tshark = { name: "tshark", available: available("tshark", ["--version"], /TShark/) };

testWith(tshark, "GET /recording?format=pcap is read by tshark while it grows", async () => {
  await using lab = await openControl(["cache"]);
  const leaving = new AbortController();
  const { signal } = leaving;
  const url = `${lab.control.url}/recording?proxy=cache&format=pcap`;
  const { body, headers } = await fetch(url, { signal });
  assertEquals(headers.get("content-type"), "application/vnd.tcpdump.pcap");
  const fields = ["tcp.payload", "tcp.flags.fin", "_ws.malformed", "tcp.analysis.flags"];
  const process = new Deno.Command("tshark", {
    args: ["-l", "-i", "-", "-T", "fields", ...fields.flatMap((field) => ["-e", field])],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const piping = body!.pipeTo(process.stdin).catch(() => {});
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const prints = async (count: number, line: RegExp) => {
    while ((text.match(line) ?? []).length < count) {
      text += (await soon(reader.read(), `${line}, behind ${text}`)).value;
    }
  };
  using conn = await connectTo(lab.listens[0]!);
  await send(conn, "hello");
  assertEquals(await receiveText(conn, 5), "hello");
  await prints(2, /^68656c6c6f\t(0|False)\t\t$/gm);
  await conn.closeWrite();
  assertEquals(await receiveText(conn), "");
  await prints(2, /^\t(1|True)\t\t$/gm);
  leaving.abort();
  await piping;
  await reader.cancel();
  await soon(process.status, "tshark's end");
});
