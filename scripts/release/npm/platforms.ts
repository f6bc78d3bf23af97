/** What npm calls coax and the platforms that it runs on. */

/** The main package; a platform's is called `NAME-OS-CPU`. `coax` is somebody else's. */
export const NAME = "coax-cli";

/** A target in the words of npm, which installs a package only where all of them fit. */
export interface Platform {
  /** As in `coax-TARGET`. */
  readonly target: string;
  /** `process.platform` of Node. */
  readonly os: string;
  /** `process.arch` of Node. */
  readonly cpu: string;
  readonly libc?: string;
}

export const PLATFORMS: readonly Platform[] = [
  { target: "x86_64-unknown-linux-gnu", os: "linux", cpu: "x64", libc: "glibc" },
  { target: "aarch64-unknown-linux-gnu", os: "linux", cpu: "arm64", libc: "glibc" },
  { target: "x86_64-apple-darwin", os: "darwin", cpu: "x64" },
  { target: "aarch64-apple-darwin", os: "darwin", cpu: "arm64" },
  { target: "x86_64-pc-windows-msvc", os: "win32", cpu: "x64" },
];

export function packageOf({ os, cpu }: Platform): string {
  return `${NAME}-${os}-${cpu}`;
}

/** The end of an executable's name: `.exe` on Windows. */
export function suffixOf({ os }: Platform): string {
  return os === "win32" ? ".exe" : "";
}
