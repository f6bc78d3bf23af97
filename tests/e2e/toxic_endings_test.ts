/** Toxics that cut nothing leave an exchange whole, and its end in order. */
import { assertEquals } from "@std/assert";
import { ControlProcess } from "./control.ts";
import { Coax, run } from "./coax.ts";

const MILD = [
  { type: "latency", attributes: { latency: 30, jitter: 10 } },
  { type: "bandwidth", attributes: { rate: 1000 } },
  { type: "slow_close", attributes: { delay: 30 } },
  { type: "slicer", attributes: { average_size: 3, delay: 100 } },
  { type: "limit_data", attributes: { bytes: 1000 } },
  { type: "limit_time", attributes: { time: 100_000 } },
  { type: "noop" },
  { type: "slow_open", attributes: { delay: 30 } },
  { type: "stall", attributes: { bytes: 1000 } },
  { type: "chop", attributes: { size: 2 } },
  { type: "corrupt", attributes: { probability: 0 } },
];

for (const stream of ["upstream", "downstream"]) {
  Deno.test(`a toxic ${stream} that cuts nothing ends no exchange with an error`, async () => {
    await using echo = Coax.start(["echo", "127.0.0.1:0"]);
    const upstream = (await echo.address()).replace("tcp://", "");
    await using control = await ControlProcess.start();
    for (const toxic of MILD) {
      const toxics = [{ ...toxic, stream }];
      const { listen } = await control.proxy(toxic.type, upstream, { toxics });
      const exit = await run(["client", "-q", listen], { stdin: "hello" });
      assertEquals([exit.status, exit.out, exit.stderr], [0, "hello", ""], toxic.type);
    }
    control.coax.signal("SIGTERM");
    const { stderr } = await control.coax.exit();
    assertEquals(stderr.match(/^coax: .*$/gm), null, stderr);
  });
}
