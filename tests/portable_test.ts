import { assertEquals } from "@std/assert";
import { reasonsToLeaveOut } from "./portable.ts";

Deno.test("a test file is left out where the system lacks what it uses, and says so", () => {
  const cases: [text: string, darwin: string[], windows: string[]][] = [
    ['await run(["echo", "0"])', [], []],
    ["Deno.readTextFileSync(`/proc/${pid}/status`)", ["/proc"], ["/proc"]],
    ['import { exited, send } from "./peers.ts";', ["/proc"], ["/proc"]],
    ["await exited(child)", [], []],
    ["unix:${path}", [], ["Unix sockets"]],
    ['coax.signal("SIGTERM")', [], ["signals"]],
    ['connect("127.0.0.2:80")', ["127.0.0.2"], []],
    ['new Deno.Command("mkfifo")', [], ["a POSIX shell and its programs", "FIFOs"]],
  ];
  for (const [text, darwin, windows] of cases) {
    assertEquals(reasonsToLeaveOut(text, "linux"), [], text);
    assertEquals<string[]>(reasonsToLeaveOut(text, "darwin"), darwin, text);
    assertEquals<string[]>(reasonsToLeaveOut(text, "windows"), windows, text);
  }
});

Deno.test("a test file stays where its tests look for the part themselves", () => {
  const text = 'ignore: lacks("/proc"), fn: () => rss("/proc/1")';
  assertEquals(reasonsToLeaveOut(text, "darwin"), []);
  assertEquals(reasonsToLeaveOut(text + "/dev/full", "darwin"), ["/dev/full"]);
});
