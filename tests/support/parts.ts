/** Parts of an operating system that tests use, which systems have them, and how use shows. */

interface Part {
  /** The systems that have it, as `Deno.build.os` names them. */
  readonly systems: readonly string[];
  /** Text in a test that uses it. */
  readonly use: RegExp;
}

const LINUX = ["linux"];
const POSIX = ["linux", "darwin"];

export const PARTS = {
  "/proc": {
    systems: LINUX,
    use: /\/proc\/|support\/process\.ts|support\/suspended\.ts|\bexited\b[^;]*peers\.ts/,
  },
  "/dev/full": { systems: LINUX, use: /\/dev\/full/ },
  "socket calls by libc": {
    systems: LINUX,
    use: /_?descriptor\.ts|\bRST\b|reset reaches|--reset-after/,
  },
  "127.0.0.2": { systems: ["linux", "windows"], use: /\b127\.0\.0\.[2-9]\b/ },
  "programs of Debian": { systems: LINUX, use: /peer_program\.ts|prlimit|sandbox\.ts|openssl/ },
  "Unix sockets": { systems: POSIX, use: /\bunix(?:gram)?:|socketPath|transport: "unix"/ },
  "abstract Unix sockets": { systems: LINUX, use: /\bunix:@/ },
  "a POSIX shell and its programs": {
    systems: POSIX,
    use:
      /"sh"|"bash"|\bsh:|exec:|\bfile: |CLOSED|stdout: |Deno\.Command|programs\(|support\/(?:chaos|reset)\.ts/,
  },
  "FIFOs and devices as connections": { systems: LINUX, use: /makeFifo|file[+\w]*:\/dev/ },
  FIFOs: { systems: POSIX, use: /mkfifo/i },
  signals: { systems: POSIX, use: /\.signal\(|"SIG[A-Z]|Deno\.kill/ },
  "modes of files": { systems: POSIX, use: /chmod|\bmode: 0o|\.mode\b|umask/i },
  "devices in /dev": { systems: POSIX, use: /\/dev\// },
} satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;

/** The parts that `os` doesn't have. */
export function missingParts(os: string): PartName[] {
  return (Object.keys(PARTS) as PartName[]).filter((name) => !PARTS[name].systems.includes(os));
}

const skipped = new Set<PartName>();

globalThis.addEventListener("unload", () => {
  const line = `\nskipped, because ${Deno.build.os} lacks: ${[...skipped].sort().join(", ")}\n`;
  if (skipped.size > 0) Deno.stderr.writeSync(new TextEncoder().encode(line));
});

/** Whether this system lacks a part, for `ignore`: its name is printed at the end of the run. */
export function lacks(part: PartName): boolean {
  const missing = missingParts(Deno.build.os).includes(part);
  if (missing) skipped.add(part);
  return missing;
}
