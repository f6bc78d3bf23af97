/** `coax help toxics`: the types of `--toxic`, as `src/faults/attributes.ts` has them. */
import type { Topic } from "./topic.ts";

export const toxics: Topic = {
  name: "toxics",
  summary: "what --toxic can do to connections, to test with",
  sections: [
    {
      rows: [
        ["latency:latency=N,jitter=N", "deliver N ms later, give or take the jitter, in order"],
        ["bandwidth:rate=N", "carry N kB a second (of 1000 bytes); 0: nothing"],
        ["slow_close:delay=N", "hold back the end, and no data, for N ms"],
        [
          "timeout:timeout=N",
          "drop everything; end the connection after N ms without a byte; 0: never",
        ],
        ["reset_peer:timeout=N", "drop everything; reset both sides N ms after the first byte"],
        [
          "slicer:average_size=N,size_variation=N,delay=N",
          "send bytes in pieces of about that size, with N µs after each",
        ],
        ["limit_data:bytes=N,reset=true", "end the connection, or reset it, after N bytes"],
        ["noop", "nothing"],
        ["slow_open:delay=N", "hold back what is sent in the first N ms of a connection"],
        ["limit_time:time=N,reset=true", "end the connection, or reset it, after N ms"],
        [
          "stall:bytes=N,time=N",
          "let nothing more pass after N bytes or N ms, and leave the connection open",
        ],
        ["chop:size=N", "send bytes in pieces of exactly that size"],
        ["corrupt:probability=P", "flip one bit of a byte with that probability"],
        ["loss:probability=P", "lose a message with that probability"],
        ["duplicate:probability=P", "send a message twice with that probability"],
        ["reorder:window=N", "let a message be overtaken by up to N others"],
      ],
    },
    {
      text: "Each acts on one direction: stream=downstream, what comes from the target, unless " +
        "stream=upstream says the other; echo has both on what it sends back. toxicity=P acts on " +
        "that part of the connections, drawn from --seed. name=NAME tells two of a type apart. " +
        "What isn't given is 0. They act in the order in which they are written.",
    },
    {
      text:
        "Types and attributes up to noop are toxiproxy's. --delay, --rate and the other short " +
        "options of coax relay are toxics in both directions, ahead of these.",
    },
    {
      lines: [
        [
          "coax relay 9000 7007 --toxic latency:latency=200,toxicity=0.3",
          "slow answers on a third of all connections",
        ],
        ["coax echo 7007 --toxic timeout", "a black hole"],
      ],
    },
  ],
};
