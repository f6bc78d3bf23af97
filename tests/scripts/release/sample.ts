/** A release whose files have made-up digests, and its recipes. */
import { fill } from "../../../scripts/release/packages.ts";

/** The names of the released files that recipes download. */
export const FILES = [
  "coax-x86_64-unknown-linux-gnu",
  "coax-aarch64-unknown-linux-gnu",
  "coax-x86_64-apple-darwin",
  "coax-aarch64-apple-darwin",
  "coax-x86_64-pc-windows-msvc.exe",
  "coax.1",
  "LICENSE",
];

/** Digits only: YAML reads one without quotes as a number. */
export const digest = (file: string) => String(FILES.indexOf(file)).repeat(64);

export const release = {
  version: "1.2.3",
  home: "https://example.org/owner/coax",
  sums: FILES.map((file) => `${digest(file)}  ${file}\n`).join(""),
};

export const BASE = `${release.home}/releases/download/v${release.version}`;

/** The recipe of that release that a template below `scripts/release/` makes. */
export async function recipe(path: string, of = release): Promise<string> {
  const template = new URL(`../../../scripts/release/${path}`, import.meta.url);
  return fill(await Deno.readTextFile(template), of);
}
