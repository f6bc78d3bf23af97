import { assertEquals, assertThrows } from "@std/assert";
import { relay } from "../../src/commands/relay.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import type { OptionsOf } from "../../src/flags/flag.ts";
import type { faultFlags } from "../../src/relay/options.ts";
import { toxicSpecsOf } from "../../src/relay/short_faults.ts";
import { toxicsOf } from "../../src/setup/toxics.ts";

const specsOf = (line: string, addresses = "udp://9 ws://8") => {
  const { options } = parseArguments(relay, [
    ...line.split(" ").filter(Boolean),
    ...addresses.split(" "),
  ]);
  return toxicSpecsOf(options as OptionsOf<typeof faultFlags>);
};

Deno.test("without an option for faults a relay has no toxics, and wraps nothing", async () => {
  assertEquals(specsOf(""), []);
  assertEquals(specsOf("--drop 0 --dup 0"), []);
  assertEquals(await toxicsOf([]), undefined);
});

for (
  const [line, type, kind, attributes] of [
    ["--rate 1500B/s", "bandwidth", "rate", { rate: 1.5 }],
    ["--delay 1.5s --jitter 20ms", "latency", "delay", { latency: 1500, jitter: 20 }],
    ["--delay 0ms", "latency", "delay", { latency: 0, jitter: 0 }],
    ["--jitter 20ms", "latency", "delay", { latency: 0, jitter: 20 }],
    ["--cut-after 0", "limit_data", "cut-after", { bytes: 0 }],
    ["--cut-after 1KiB", "limit_data", "cut-after", { bytes: 1024 }],
    ["--cut-after 2m", "limit_time", "cut-after", { time: 120_000 }],
    ["--reset-after 5", "limit_data", "reset-after", { bytes: 5, reset: true }],
    ["--reset-after 5ms", "limit_time", "reset-after", { time: 5, reset: true }],
    ["--stall-after 5M", "stall", "stall-after", { bytes: 5_000_000 }],
    ["--stall-after 5m", "stall", "stall-after", { bytes: 0, time: 300_000 }],
    ["--drop 0.1", "loss", "drop", { probability: 0.1 }],
    ["--dup 10%", "duplicate", "dup", { probability: 0.1 }],
    ["--reorder 3", "reorder", "reorder", { window: 3 }],
  ] as const
) {
  Deno.test(`${line} is ${type} in both directions`, () => {
    assertEquals(specsOf(line), [
      { type, kind, attributes, stream: "upstream", name: `${kind}_upstream`, toxicity: 1 },
      { type, kind, attributes, stream: "downstream", name: `${kind}_downstream`, toxicity: 1 },
    ]);
  });
}

Deno.test("--chop is pieces of its size in both directions", () => {
  assertEquals(
    specsOf("--chop 7", "9 8").map(({ type, kind, attributes }) => [type, kind, attributes]),
    [["chop", "chop", { size: 7 }], ["chop", "chop", { size: 7 }]],
  );
});

Deno.test("the order of short options is that of a line, whatever that of the words", () => {
  const line = "--stall-after 9 --reset-after 9 --cut-after 9 --chop 9 --delay 9ms --rate 9B/s" +
    " --reorder 9 --dup 1 --drop 1 --toxic noop";
  assertEquals(
    specsOf(line, "udp://9 8").filter(({ stream }) => stream === "downstream").map(({ name }) =>
      name
    ),
    [..."drop dup reorder rate delay chop cut-after reset-after stall-after".split(" "), "noop"]
      .map((name) => `${name}_downstream`),
  );
});

for (const limit of ["x", "", "5d", "5 s", "-1", "1..5s"]) {
  Deno.test(`"${limit}" is neither a size nor a duration`, () => {
    assertThrows(
      () => parseArguments(relay, ["--cut-after", limit, "9", "8"]),
      Error,
      "--cut-after",
    );
  });
}
