/** What a room's host is told that others type or open. */
import { assertEquals } from "@std/assert";
import { invitationsTo } from "../../src/chat/invitations.ts";

const OWN = ["192.168.1.7", "fd00::7"];
const PIN = `sha256:${"a".repeat(64)}`;

const CASES: readonly (readonly [bound: string[], invitations: string[]])[] = [
  [["tcp://127.0.0.1:9000", "tcp://[::1]:9000"], ["join: coax client 9000"]],
  [["tcp://127.0.0.2:9000"], ["join: coax client 127.0.0.2:9000"]],
  [["tcp://0.0.0.0:9000", "tcp://[::]:9000"], [
    "join: coax client 9000",
    "join: coax client 192.168.1.7:9000",
    "join: coax client [fd00::7]:9000",
  ]],
  [["tcp://0.0.0.0:9000"], ["join: coax client 9000", "join: coax client 192.168.1.7:9000"]],
  [["tcp://10.1.2.3:9000"], ["join: coax client 10.1.2.3:9000"]],
  [["udp://[::1]:9000"], ["join: coax client udp://9000"]],
  [["tls://127.0.0.1:9000"], [`join: coax client tls://9000 --pin ${PIN}`]],
  [["unix:/tmp/room"], ["join: coax client unix:/tmp/room"]],
  [["unix:/tmp/my room's"], [`join: coax client 'unix:/tmp/my room'\\''s'`]],
  [["ws+unix:/tmp/room:/x"], ["join: coax client ws+unix:/tmp/room:/x"]],
  [["ws://127.0.0.1:8080", "ws://[::1]:8080"], ["open http://localhost:8080/"]],
  [["ws://127.0.0.1:80"], ["open http://localhost/"]],
  [["ws://127.0.0.1:443"], ["open http://localhost:443/"]],
  [["wss://127.0.0.1:443/x"], ["open https://localhost/x"]],
  [["ws://127.0.0.1:8080/x?y=1"], ["open http://localhost:8080/x?y=1"]],
  [["ws://0.0.0.0:8080", "ws://[::]:8080"], [
    "open http://localhost:8080/",
    "open http://192.168.1.7:8080/",
    "open http://[fd00::7]:8080/",
  ]],
  [["ws://example.org:8080"], ["open http://example.org:8080/"]],
  [["ws://127.0.0.1:8080", "tcp://127.0.0.1:9000"], [
    "open http://localhost:8080/",
    "join: coax client 9000",
  ]],
];

for (const [bound, expected] of CASES) {
  Deno.test(`a room at ${bound.join(" and ")} says how to come in`, () => {
    assertEquals(invitationsTo(bound, OWN, PIN).map(({ text }) => text), expected);
  });
}
