/**
 * What differs between the operating systems that coax runs on. Code asks here what a system has,
 * at the time of use, and never which system it is: tests set another one.
 */
import type { Interruption } from "../core/errors.ts";

/** The facts of one operating system. */
export interface Platform {
  readonly name: string;
  /** File name of the C library whose calls `src/transports/libc.ts` makes. */
  readonly libc?: string;
  /** Whether socket calls take Linux's structures and option numbers. */
  readonly linuxSockets: boolean;
  /** Whether listeners that share a port (SO_REUSEPORT) get a part of its connections each. */
  readonly sharesPorts: boolean;
  /** The list of the ports' names (services(5)). */
  readonly services: string;
  /** Longest path of a Unix socket (`sun_path` less its NUL), bytes; 0 where there are none. */
  readonly unixPathMax: number;
  /** Whether Unix sockets can have names that no file stands for (unix(7)). */
  readonly abstractSockets: boolean;
  /** Whether a socket bound to `::` accepts IPv4 as well (RFC 3493 §5.3). */
  readonly dualStack: boolean;
  /** Whether a socket can be bound to a multicast group, so that it receives nothing else. */
  readonly bindsGroups: boolean;
  /** Whether files have modes, and processes a umask. */
  readonly fileModes: boolean;
  /** Whether the system counts the names of a file (`nlink`), so that 0 means a removed one. */
  readonly linkCounts: boolean;
  /** A pipe takes this much whole or not at all (PIPE_BUF), bytes. */
  readonly pipeBuf: number;
  /** Whether signals reach a child together with the processes that it has started. */
  readonly processGroups: boolean;
  /** The signals that end a command. */
  readonly signals: readonly Interruption[];
  /** The signal for a write that would make a file longer than its process may (setrlimit(2)). */
  readonly fileSizeSignal?: "SIGXFSZ";
  /**
   * Whether a terminal sends signals for Ctrl-C and Ctrl-Z while a program reads key by key, and
   * for a new size.
   */
  readonly terminalSignals: boolean;
  /** Whether TERM names the terminal; where it doesn't, every one knows control sequences. */
  readonly namesTerminals: boolean;
  /** The command that runs a line of shell. */
  shell(line: string): readonly [command: string, ...args: string[]];
  /** The command that shows a URL in the user's browser. */
  opener(url: string): readonly [command: string, ...args: string[]];
  /** Whether backslashes separate folders, so that they quote nothing in a command. */
  readonly backslashPaths: boolean;
}

const POSIX: Platform = {
  name: Deno.build.os,
  linuxSockets: false,
  sharesPorts: false,
  services: "/etc/services",
  unixPathMax: 103, // The shortest `sun_path` in use, that of the BSDs.
  abstractSockets: false,
  dualStack: true,
  bindsGroups: true,
  fileModes: true,
  linkCounts: true,
  pipeBuf: 512, // The least that POSIX allows.
  processGroups: true,
  signals: ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"],
  fileSizeSignal: "SIGXFSZ",
  terminalSignals: true,
  namesTerminals: true,
  shell: (line) => ["sh", "-c", line],
  opener: (url) => ["xdg-open", url],
  backslashPaths: false,
};

const LINUX: Platform = {
  ...POSIX,
  name: "Linux",
  libc: "libc.so.6",
  linuxSockets: true,
  sharesPorts: true,
  unixPathMax: 107,
  abstractSockets: true,
  pipeBuf: 4096,
};

const MACOS: Platform = {
  ...POSIX,
  name: "macOS",
  libc: "libSystem.B.dylib",
  opener: (url) => ["open", url],
};

const WINDOWS: Platform = {
  ...POSIX,
  name: "Windows",
  services: "C:\\Windows\\System32\\drivers\\etc\\services",
  unixPathMax: 0,
  dualStack: false,
  bindsGroups: false,
  fileModes: false,
  linkCounts: false,
  processGroups: false,
  signals: ["SIGINT"],
  fileSizeSignal: undefined,
  terminalSignals: false,
  namesTerminals: false,
  // `/s` takes the outer quotes off and leaves the line as it was written.
  shell: (line) => ["cmd", "/d", "/s", "/c", `"${line}"`],
  opener: (url) => ["rundll32", "url.dll,FileProtocolHandler", url],
  backslashPaths: true,
};

const PLATFORMS: Readonly<Partial<Record<string, Platform>>> = {
  linux: LINUX,
  darwin: MACOS,
  windows: WINDOWS,
};

/** The system that is asked: the one that this runs on, unless a test sets another. */
export const system: { os: string } = { os: Deno.build.os };

/** The facts of `system`. */
export function platform(): Platform {
  return PLATFORMS[system.os] ?? POSIX;
}
