/**
 * Checks what keeps the code readable from bottom to top: imports point one way, no files import
 * each other in a circle, and only a few places touch the system. Layers are folders of `src/`.
 */

/**
 * The folders of `src/`, from the bottom up, and what each knows. A file imports from its own
 * folder and from lower layers; folders of one layer don't import each other.
 */
export const LAYERS: readonly Readonly<Record<string, string>>[] = [
  { std: "typed fronts of the standard library over its npm mirror, for networks without JSR" },
  {
    core:
      "connections, pump, splice, accept loop, errors, events; no `Deno`, no console: it runs on anything",
  },
  { platform: "what differs between the operating systems that coax runs on" },
  { address: "addresses, names of hosts, IP addresses and ranges, the words of a command line" },
  { charset: "character sets: which characters bytes stand for, and back" },
  {
    flags: "what an option is, what it needs to act, and how its text becomes a value",
    wrap: "features that are a connection around a connection",
  },
  {
    http: "bounded HTTP heads and bodies, where content ends, and answers that grow",
    faults: "faults for testing, which come, change and go while connections are open",
    manual: "the layout of help, its topics, and the man page",
    completions: "what a shell can complete, from one model of the command line",
    explain: "other tools' command lines, one table of options a tool",
  },
  {
    ws: "WebSocket over any stream: handshake, frames, messages",
    proxy: "SOCKS, CONNECT, forwarded requests and PROXY headers over any stream",
    page: "what pages for browsers share: how they look, and how a document is served",
  },
  { transports: "the only place that opens sockets and processes: `dial`, `listen`" },
  {
    access: "who is let in, and how often a host may guess a secret",
    chat: "rooms, their members, the bus between processes, and the page for browsers",
    bench: "throughput, latency and connection rate of an echo, with every byte checked",
    record: "recordings: the events of a connection in a file, played back, compared, exported",
  },
  {
    ladder: "ladder diagrams of recorded connections: their layout, words, and how they are drawn",
  },
  { options: "options that commands share, what they need to act, and the files that they name" },
  { setup: "from options to what listens and connects, is observed and recorded" },
  {
    relay: "where a relay's connections go, what stands around both of them, and what it counts",
    talk: "a conversation with stdin and stdout: what is sent first, expected, and shown",
  },
  {
    gate: "ports of this machine that others listen on: who may, and who visits",
    control: "relays made and changed while it runs, over HTTP: who may ask, and what is answered",
  },
  { commands: "what each command does, and its flags" },
  { cli: "argv, help, how events look on stderr, signals, statuses" },
];
const ENTRY = "main.ts";

/** Names that only some places may use. */
const NAMES = [
  {
    name: /\bDeno\.(?:listen|connect|startTls|Command|upgradeWebSocket|serve)\w*/g,
    allowed: (folder: string) => folder === "transports",
    rule: "only src/transports opens sockets and processes",
  },
  {
    name: /\bDeno\.exit\b/g,
    allowed: (folder: string) => folder === ENTRY,
    rule: "only main.ts ends the process",
  },
  {
    name: /\b(?:Deno\b|console\.)/g,
    allowed: (folder: string) => folder !== "core" && folder !== "ladder",
    rule: "src/core and src/ladder touch neither the system nor the terminal",
  },
];

/** One broken rule; `file` is relative to the root, `line` counts from 1. */
export interface Violation {
  file: string;
  line: number;
  message: string;
}

interface Import {
  from: string;
  /** A path for a file of this project, else the specifier of a package. */
  to: string;
  line: number;
}

/** Checks sources by their path from the root (`main.ts`, `src/core/pump.ts`). */
export function checkLayers(sources: ReadonlyMap<string, string>): Violation[] {
  const imports = [...sources].flatMap(([file, text]) => importsOf(file, text));
  return [
    ...[...sources.keys()].flatMap(strayFile),
    ...imports.flatMap(upwardImport),
    ...circles(imports),
    ...[...sources].flatMap(([file, text]) => forbiddenNames(file, text)),
  ].sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);
}

/** `main.ts`, or the part between `src/` and the next slash: a file's own name without one. */
function folderOf(file: string): string {
  return file.startsWith("src/") ? file.split("/")[1]! : file;
}

/** The layer's height; -1 for what has no place in the order. */
function heightOf(file: string): number {
  const folder = folderOf(file);
  return folder === ENTRY ? LAYERS.length : LAYERS.findIndex((layer) => folder in layer);
}

function strayFile(file: string): Violation[] {
  if (heightOf(file) >= 0) return [];
  return [{ file, line: 1, message: `src/${folderOf(file)} is in no layer of scripts/layers.ts` }];
}

function upwardImport({ from, to, line }: Import): Violation[] {
  const broken = (message: string) => [{ file: from, line, message: `imports ${to}: ${message}` }];
  const [here, there] = [folderOf(from), folderOf(to)];
  if (here === there && from !== ENTRY) return isUnknownToPage(from, to) ? broken(PAGE_RULE) : [];
  if (here === "core") return broken("src/core imports nothing but itself");
  if (!isLocal(to)) return [];
  if (heightOf(to) < 0 || heightOf(to) >= heightOf(from)) return broken("not a lower layer");
  return [];
}

const PAGE_RULE = "a page runs in a browser, and knows the protocol alone";

/** The folders of pages, and what else of their own folder in `src/` they may import. */
const PAGES: Readonly<Record<string, string | undefined>> = {
  "src/chat/page/": "src/chat/protocol/",
  "src/control/panel/": undefined,
};

/** Whether `from` is part of a page, and `to` a part of its layer that only the server has. */
function isUnknownToPage(from: string, to: string): boolean {
  const [page, protocol] = Object.entries(PAGES).find(([page]) => from.startsWith(page)) ?? [];
  if (page === undefined || to.startsWith(page)) return false;
  return protocol === undefined || !to.startsWith(protocol);
}

/** One violation for each import that closes a circle of files. */
function circles(imports: Import[]): Violation[] {
  const byFile = Map.groupBy(imports, (edge) => edge.from);
  const path: string[] = [];
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (file: string) => {
    path.push(file);
    for (const { to, line } of byFile.get(file) ?? []) {
      const start = path.indexOf(to);
      if (start >= 0) {
        found.push({ file, line, message: `circle: ${[...path.slice(start), to].join(" → ")}` });
      } else if (!done.has(to)) visit(to);
    }
    path.pop();
    done.add(file);
  };
  for (const file of byFile.keys()) if (!done.has(file)) visit(file);
  return found;
}

function forbiddenNames(file: string, text: string): Violation[] {
  const folder = folderOf(file);
  const code = blank(text, /./);
  return NAMES.filter(({ allowed }) => !allowed(folder)).flatMap(({ name, rule }) =>
    [...code.matchAll(name)].map((match) => ({
      file,
      line: lineAt(code, match.index),
      message: `${match[0].replace(/\.$/, "")}: ${rule}`,
    }))
  );
}

/** Static, dynamic and re-exporting imports whose specifier is written out. */
function importsOf(file: string, text: string): Import[] {
  const code = blank(text, /^\/[/*]/);
  const statement =
    /\b(?:import|export)\b[^;"'`()=]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/g;
  return [...code.matchAll(statement)].map((match) => ({
    from: file,
    to: resolve(file, (match[1] ?? match[2])!),
    line: lineAt(code, match.index),
  }));
}

function isLocal(specifier: string): boolean {
  return specifier === ENTRY || specifier.startsWith("src/");
}

/** A relative specifier as a path from the root; any other as it is. */
function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Comments, strings, templates and regular expressions, good enough to tell them from code. */
const LITERALS =
  /\/\/.*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`|(?<=[=(,:!&|?{};\n]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/g;

/** Replaces those literals that `which` matches by spaces; lines stay where they are. */
function blank(text: string, which: RegExp): string {
  return text.replace(
    LITERALS,
    (literal) => literal.search(which) < 0 ? literal : literal.replace(/[^\n]/g, " "),
  );
}

async function* typeScriptFiles(root: URL, folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) yield* typeScriptFiles(root, `${folder}${name}/`);
    else if (/\.tsx?$/.test(name)) yield `${folder}${name}`;
  }
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  const files = [ENTRY, ...await Array.fromAsync(typeScriptFiles(root, "src/"))];
  const sources = new Map<string, string>();
  for (const file of files) sources.set(file, await Deno.readTextFile(new URL(file, root)));
  const violations = checkLayers(sources);
  // deno-lint-ignore no-console -- the report
  for (const { file, line, message } of violations) console.error(`${file}:${line}: ${message}`);
  Deno.exit(violations.length > 0 ? 1 : 0);
}
