import { assertEquals, assertThrows } from "@std/assert";
import { parseToxic } from "../../src/options/toxic_spec.ts";

for (
  const [text, name, stream, toxicity, attributes] of [
    ["noop", "noop_downstream", "downstream", 1, {}],
    ["noop:", "noop_downstream", "downstream", 1, {}],
    ["latency", "latency_downstream", "downstream", 1, { latency: 0, jitter: 0 }],
    [
      "latency:latency=200,jitter=50,stream=upstream,toxicity=0.3,name=x",
      "x",
      "upstream",
      0.3,
      { latency: 200, jitter: 50 },
    ],
    ["noop:toxicity=30%,name=a=b:c", "a=b:c", "downstream", 0.3, {}],
    ["limit_data:bytes=5,reset=true", "limit_data_downstream", "downstream", 1, {
      bytes: 5,
      reset: true,
    }],
    ["limit_data:reset=false", "limit_data_downstream", "downstream", 1, { bytes: 0 }],
    ["corrupt:probability=.5", "corrupt_downstream", "downstream", 1, { probability: 0.5 }],
    ["loss:probability=5%", "loss_downstream", "downstream", 1, { probability: 0.05 }],
    ["stall:stream=upstream", "stall_upstream", "upstream", 1, { bytes: 0 }],
  ] as const
) {
  Deno.test(`--toxic ${text}`, () => {
    const { type, ...rest } = parseToxic(text);
    assertEquals(type, /^\w+/.exec(text)![0]);
    assertEquals(rest, { name, stream, toxicity, attributes });
  });
}

for (
  const [text, message] of [
    ["", 'unknown type ""; expected one of latency, bandwidth, '],
    ["latancy:latency=5", 'unknown type "latancy"; did you mean latency?'],
    ["latency=5", 'unknown type "latency=5"'],
    ["latency:latncy=5", 'latency has no "latncy"; did you mean latency?'],
    ["noop:delay=5", 'noop has no "delay"; expected one of stream, toxicity, name'],
    ["latency:latency", "expected latency=VALUE"],
    ["latency:latency=", "expected latency=VALUE"],
    ["latency:latency=1,latency=2", "latency is there twice"],
    ["latency:,", 'latency has no ""'],
    ["latency:latency=1.5", "expected a whole number of at least 0, not 1.5"],
    ["latency:latency=5s", 'expected a whole number of at least 0, not "5s"'],
    ["latency:latency=-5", 'expected a whole number of at least 0, not "-5"'],
    [
      "latency:latency=99999999999999999",
      "expected a whole number of at least 0, not 100000000000000000",
    ],
    ["loss:probability=1.5", "expected a number from 0 to 1, not 1.5"],
    ["limit_data:reset=1", "expected true or false, not 1"],
    ["noop:stream=both", 'expected stream=upstream or stream=downstream, not "both"'],
    ["noop:toxicity=2", "expected a probability such as 0.1 or 10%"],
    ["noop:name=", "expected name=VALUE"],
  ] as const
) {
  Deno.test(`--toxic "${text}" is refused`, () => {
    assertThrows(() => parseToxic(text), Error, message);
  });
}
