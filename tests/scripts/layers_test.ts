import { assertEquals } from "@std/assert";
import { checkLayers, LAYERS } from "../../scripts/layers.ts";

/** The violations of a small tree of files, one `file:line: message` each. */
function violations(files: Record<string, string>): string[] {
  return checkLayers(new Map(Object.entries(files)))
    .map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

Deno.test("a file may import from its own folder, lower layers, src/std and packages", () => {
  const found = violations({
    "main.ts": `import { main } from "./src/cli/main.ts";\nDeno.exit(await main());`,
    "src/cli/main.ts": `import "../commands/mod.ts";\nimport "../core/pump.ts";`,
    "src/commands/mod.ts": `export * from "../transports/mod.ts";\nimport "../core/nearest.ts";`,
    "src/transports/mod.ts":
      `import "./tcp.ts";\nimport "@std/streams";\nimport "../std/cli/mod.ts";`,
    "src/transports/tcp.ts":
      `import { a } from "../address/address.ts";\nDeno.connect({ port: 1 });`,
    "src/address/address.ts": `import "./words.ts";\nimport "../core/errors.ts";`,
    "src/core/pump.ts": `import type { Duplex } from "./duplex.ts";`,
    "src/std/cli/mod.ts": `import "npm:deno-std@1.4.0/cli/parse_args.js";`,
  });
  assertEquals(found, []);
});

Deno.test("an import of a higher layer is named with its line", () => {
  const found = violations({
    "src/transports/tcp.ts":
      `import {\n  a,\n} from "../core/a.ts";\nimport { b } from "../cli/b.ts";`,
  });
  assertEquals(found, ["src/transports/tcp.ts:4: imports src/cli/b.ts: not a lower layer"]);
});

Deno.test("folders of the same layer don't import each other", () => {
  const found = violations({ "src/wrap/tap.ts": `import "../ws/reader.ts";` });
  assertEquals(found, ["src/wrap/tap.ts:1: imports src/ws/reader.ts: not a lower layer"]);
});

Deno.test("an import counts however it is written", () => {
  const found = violations({
    "src/chat/room.ts": [
      `import "../cli/a.ts";`,
      `export { b } from '../cli/b.ts';`,
      `export * as c from "../cli/c.ts";`,
      `import type { D } from "../cli/d.ts";`,
      `const e = await import("../cli/e.ts");`,
      `import f, { type F } from "../cli/f.ts"`,
    ].join("\n"),
  });
  assertEquals(
    found,
    ["a", "b", "c", "d", "e", "f"].map((name, index) =>
      `src/chat/room.ts:${index + 1}: imports src/cli/${name}.ts: not a lower layer`
    ),
  );
});

Deno.test("core imports nothing but core, packages included", () => {
  const found = violations({
    "src/core/pump.ts": `import "../address/address.ts";\nimport "npm:ws";`,
  });
  assertEquals(found, [
    "src/core/pump.ts:1: imports src/address/address.ts: src/core imports nothing but itself",
    "src/core/pump.ts:2: imports npm:ws: src/core imports nothing but itself",
  ]);
});

Deno.test("a circle of files is shown once, as a whole", () => {
  const found = violations({
    "src/core/a.ts": `import "./b.ts";`,
    "src/core/b.ts": `import "./c.ts";`,
    "src/core/c.ts": `// back\nimport "./a.ts";`,
  });
  assertEquals(found, [
    "src/core/c.ts:2: circle: src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts",
  ]);
});

Deno.test("nothing imports main.ts", () => {
  const found = violations({ "src/cli/main.ts": `import "../../main.ts";` });
  assertEquals(found, ["src/cli/main.ts:1: imports main.ts: not a lower layer"]);
});

Deno.test("core uses neither Deno nor console", () => {
  const found = violations({ "src/core/log.ts": `\nconsole.error(1);\nconst t = Deno.pid;` });
  assertEquals(found, [
    "src/core/log.ts:2: console: src/core and src/ladder touch neither the system nor the terminal",
    "src/core/log.ts:3: Deno: src/core and src/ladder touch neither the system nor the terminal",
  ]);
});

Deno.test("sockets and processes are opened by transports alone", () => {
  const names = ["listen", "listenTls", "listenDatagram", "connect", "startTls", "Command"];
  const text = names.map((name) => `f(Deno.${name});`).join("\n");
  assertEquals(violations({ "src/transports/tcp.ts": text }), []);
  assertEquals(
    violations({ "src/commands/relay.ts": text }),
    names.map((name, index) =>
      `src/commands/relay.ts:${
        index + 1
      }: Deno.${name}: only src/transports opens sockets and processes`
    ),
  );
});

Deno.test("the process ends in main.ts alone", () => {
  const found = violations({ "src/cli/main.ts": `Deno.exit(1);` });
  assertEquals(found, ["src/cli/main.ts:1: Deno.exit: only main.ts ends the process"]);
});

Deno.test("comments, strings and regular expressions are not code", () => {
  const found = violations({
    "src/core/a.ts": [
      `/** Like Deno.exit. import "../cli/a.ts" */`,
      `// import "../cli/b.ts"; console.log`,
      `const text = "console.log" + 'Deno.exit' + \`Deno.pid "\`;`,
      `const quote = /["'\`]/; // Deno.exit`,
      `const half = 1 / 2; const url = "http://Deno.exit/";`,
    ].join("\n"),
  });
  assertEquals(found, []);
});

Deno.test("code after literals is still seen", () => {
  const found = violations({
    "src/core/a.ts": `const quote = /["'\`]/g; Deno.pid;\nconst s = "\\"" + '//'; Deno.pid;`,
  });
  assertEquals(found.map((line) => line.slice(0, 15)), ["src/core/a.ts:1", "src/core/a.ts:2"]);
});

Deno.test("a folder without a layer is named", () => {
  const found = violations({ "src/extra/a.ts": `export {};` });
  assertEquals(found, ["src/extra/a.ts:1: src/extra is in no layer of scripts/layers.ts"]);
});

Deno.test("a file that lies in src/ itself is named", () => {
  const found = violations({ "src/ip.ts": `export {};` });
  assertEquals(found, ["src/ip.ts:1: src/ip.ts is in no layer of scripts/layers.ts"]);
});

Deno.test("the chat's page imports the protocol, and nothing else of the chat", () => {
  const found = violations({
    "src/chat/page/main.ts": `import "../protocol/news.ts";\nimport "../room.ts";`,
  });
  const rule = "a page runs in a browser, and knows the protocol alone";
  assertEquals(found, [`src/chat/page/main.ts:2: imports src/chat/room.ts: ${rule}`]);
});

Deno.test("ARCHITECTURE.md has the layers as they are, from the top down", async () => {
  const page = new URL("../../.github/ARCHITECTURE.md", import.meta.url);
  const rows = [...(await Deno.readTextFile(page)).matchAll(/^\| `src\/(\w+)` +\| (.*?) +\|$/gm)];
  const layers = LAYERS.toReversed().flatMap((layer) => Object.entries(layer));
  assertEquals(rows.map(([, folder, knows]) => [folder, knows]), layers);
});
