/** Protocols over TCP: a relay for WebSocket clients, a chat room. */
import type { Experiment } from "../experiment.ts";
import { freePort } from "../lab.ts";

const webSocket: Experiment = {
  rows: [{
    name: "relay, WebSocket to TCP, 64 KiB messages",
    unit: "MB/s",
    better: "more",
    bars: { "websockify": 1.5 },
  }],
  about: "A WebSocket client sends a message of 64 KiB again and again, masked once, over the C " +
    "library's calls, until the TCP server at the other side of the relay has counted every byte " +
    "and said so.",
  bound: "the masks: a relay goes over each byte once more, in JavaScript or in NumPy.",
  async setUp(lab) {
    const endpoints = await lab.endpoints();
    const target = `127.0.0.1:${endpoints.ports.counter}`;
    const [ours, theirs] = [freePort(), freePort()];
    await lab.start(lab.coax, ["relay", "-q", `ws://127.0.0.1:${ours}`, target], ours);
    await lab.start("websockify", [`127.0.0.1:${theirs}`, target], theirs);
    const bytes = lab.quick ? 64e6 : 256e6;
    return Object.entries({ "coax": ours, "websockify": theirs }).map(([name, port]) => ({
      name,
      run: () => endpoints.run({ job: "messages", port, bytes, size: 64 * 1024 }),
    }));
  },
};

/** A chat room with a flood of lines, or with one line at a time. */
function chat(flood: boolean): Experiment {
  const lines = (quick: boolean) => flood ? (quick ? 4000 : 20_000) : (quick ? 10 : 40);
  return {
    rows: [{
      name: `chat, 100 members, lines ${flood ? "in a flood" : "one by one"}`,
      unit: "/s",
      better: "more",
      bars: { "ncat --broker": 2 },
    }],
    about: "10 of 100 members speak, " +
      (flood
        ? "all they have to say at once, and all others must hear every line. A broker passes " +
          "pieces of many lines on as they come; a room takes each line apart and names its speaker."
        : "each a line, and the next when everyone has heard the last."),
    bound: flood
      ? "taking lines apart and putting them together, and writing them to each member."
      : "the writes, one for each member and line.",
    async setUp(lab) {
      const endpoints = await lab.endpoints();
      const [ours, theirs] = [freePort(), freePort()];
      await lab.start(lab.coax, ["chat", "-q", `127.0.0.1:${ours}`, "--history", "0"], ours);
      const broker = ["--broker", "-l", "127.0.0.1", `${theirs}`, "--max-conns", "500"];
      await lab.start("ncat", broker, theirs);
      const job = {
        job: "chat",
        members: 100,
        speakers: 10,
        lines: lines(lab.quick),
        flood,
      } as const;
      return Object.entries({ "coax": ours, "ncat --broker": theirs }).map(([name, port]) => ({
        name,
        run: () => endpoints.run({ ...job, port }),
      }));
    },
  };
}

export const layers: readonly Experiment[] = [webSocket, chat(false), chat(true)];
