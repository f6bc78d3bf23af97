/** Every command of these pages runs, in order, and prints what the page shows. */
import { PAGES, sectionsIn } from "../docs/page.ts";
import { nats } from "../interop/nats_server.ts";
import { available, testWith } from "../interop/peer_program.ts";
import { runSection } from "./sandbox.ts";

const PROGRAMS = [
  nats,
  { name: "openssl", available: available("openssl", ["version"], /OpenSSL/) },
  { name: "node", available: available("node", ["--version"], /^v(?:18|[2-9]\d)\./) },
  { name: "python3", available: available("python3", ["--version"], /3\.[1-9]\d/) },
  { name: "go", available: available("go", ["version"], /go1\./) },
  { name: "curl", available: available("curl", ["--version"], /curl/) },
];

const [, ...pages] = PAGES; // README's blocks are pasted, in paste_test.ts.
for (const page of pages) {
  for (const section of sectionsIn(page)) {
    const lines = section.steps.flatMap((s) => s.kind === "file" ? [] : s.commands)
      .map(({ line }) => line);
    const needed = PROGRAMS.find(({ name }) => lines.some((line) => line.startsWith(name)));
    testWith(
      needed ?? { name: "coax", available: true },
      `${page}: ${section.heading}`,
      () => runSection(section),
    );
  }
}
