/** Ladders in English. */
import type { Dictionary } from "./dictionary.ts";

export const english: Dictionary = {
  tag: "en",
  roles: {
    client: "client",
    server: "server",
    command: "command",
    file: "file",
    relay: "relay",
    target: "target",
  },
  heading: "connection {id}",
  begins: "begins at {time}",
  arrows: {
    connect: "connect",
    accept: "accept",
    connection: "connect",
    refused: "refused",
    tls: "TLS handshake",
    fin: "end of stream",
    close: "close",
    reset: "reset",
  },
  closeFrame: "Close {code}",
  noAnswer: ": no answer",
  notes: {
    create: "creates a socket",
    bind: "binds {text}",
    listen: "listens on {text}",
    begun: "the connection was there before the capture",
    omitted: "{text} before this: not kept",
    datagrams: "UDP: no handshake",
    resolved: "{text}",
    spawn: "starts {text}",
    retry: "tries again in {time}",
    unreachable: "{text}",
    proxied: "PROXY header: the client is {text}",
    fault: "fault: {text}",
    error: "{text}",
    over: "closed",
    unfinished: "the recording ends here, the connection doesn't",
  },
  units: { bytes: ["pieces", "piece"], message: ["messages", "message"] },
  took: " in {time}",
  comma: ", ",
  pause: "{time} later",
  lessons: {
    "connect over TCP":
      "The {from} asks for a connection: its system sends SYN, the first packet of TCP.",
    connect: "The {from} asks for a connection at the path of the {to}'s socket.",
    "accept over TCP":
      "The {from}'s system agrees with SYN and ACK, even before its program calls accept().",
    accept: "The {from}'s system agrees, even before its program calls accept().",
    "connection over TCP":
      "The {from} has connected to the {to}: their systems exchanged SYN, SYN-ACK and ACK.",
    connection: "The {from} has connected to the {to}.",
    refused: "Nothing listens there, and the system over there says so at once, with RST.",
    tls: "Both agree on keys, and certificates prove who is who. From here on all bytes are " +
      "encrypted; this drawing has them as coax sees them, in the clear.",
    request: "An HTTP request to go on as a WebSocket, on the same connection.",
    upgraded: "The {from} agrees. That was all of HTTP: from here on both sides send messages.",
    "not upgraded": "An answer other than 101: this connection becomes no WebSocket.",
    "first bytes":
      "The first byte. Until here the connection was set up, and nobody had said a word.",
    bytes: "Bytes arrive complete and in order. Where one write ends and the next begins isn't " +
      "kept: a stream has no messages.",
    datagram: "A datagram arrives whole or not at all, and may overtake others.",
    message: "A message arrives whole, in order, and apart from the next one.",
    fin: "The {from} has nothing more to send, and says so. It can still receive: its line is " +
      "dashed from here.",
    "last fin": "The {from} has nothing more to send either.",
    close: "The {from} closes its socket: it sends nothing more, and reads nothing more.",
    Close: "A Close frame, whose code says why: 1000 is a normal end. The {to} answers it.",
    reset:
      "Both directions end at once. What was on its way is lost, and who reads there sees an " +
      "error instead of an end.",
    fold: "Too many to be drawn one by one: this is what they come to.",
    create: "The system makes a socket: an end for connections, with no address and no peer yet.",
    bind:
      "The socket gets its address: this is where others can find it. For port 0 the system picks " +
      "a free one.",
    listen:
      "From here on the system accepts connections at that address, and keeps each until the " +
      "program takes it with accept().",
    begun: "How it was made, and what had passed, isn't in the capture.",
    omitted: "These bytes passed before anyone looked, or are kept no more: the latest ones are.",
    datagrams: "Datagrams need no connection: they are sent, and may arrive.",
    resolved: "The name is looked up. Its addresses are tried in this order.",
    spawn: "The command is started. Its stdin and stdout are the connection.",
    retry: "What failed may pass: another attempt follows, after a wait that doubles each time.",
    unreachable: "No answer came. Packets are dropped on the way, or the machine is off.",
    proxied: "A proxy in between says in its first bytes who the client is.",
    fault: "coax disturbs the connection on purpose, as its options ask.",
    error: "Something failed, and ends the connection.",
    over: "Nothing goes either way any more.",
    "over UDP": "No more is expected. UDP has no packet that says so.",
    unfinished: "The recording was stopped, or shows a connection that goes on.",
  },
  legend: "Time runs down. A solid line may send; a dashed one has ended, or isn't connected yet.",
};
