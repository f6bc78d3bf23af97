#!/usr/bin/env node
/**
 * Runs the program in the package of this platform, with the same arguments, files and environment.
 * Where Node can do it, the program takes this process's place. Elsewhere it is a child: signals go
 * to it, and this process ends as it did.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { isatty } from "node:tty";

/** Not imported: `node:process` opens stdin, and the program would find it non-blocking. */
const { process } = globalThis;
const require = createRequire(import.meta.url);
const { name, optionalDependencies } = require("./package.json");
const { platform, arch } = process;

/** Statuses of a shell whose command isn't there or can't be executed (POSIX.1-2024, XCU 2.8.2). */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** The loader of glibc, without which the kernel can't start the program. */
const LOADERS = { x64: "/lib64/ld-linux-x86-64.so.2", arm64: "/lib/ld-linux-aarch64.so.1" };

function fail(status, message) {
  process.stderr.write(`coax: ${message}\n`);
  process.exit(status);
}

/** The path of this platform's program; without one, says why and exits. */
function find() {
  const wanted = `${name}-${platform}-${arch}`;
  const known = Object.keys(optionalDependencies);
  if (!known.includes(wanted)) {
    const others = known.map((other) => other.slice(name.length + 1)).join(", ");
    fail(NOT_FOUND, `no program for ${platform}-${arch}, only for ${others}`);
  }
  if (platform === "linux" && !existsSync(LOADERS[arch])) {
    fail(NOT_EXECUTABLE, `needs glibc: ${LOADERS[arch]} is missing (musl isn't supported)`);
  }
  try {
    return require.resolve(`${wanted}/coax${platform === "win32" ? ".exe" : ""}`);
  } catch {
    fail(NOT_FOUND, `${wanted} is missing: install ${name} again, with optional dependencies`);
  }
}

/** Becomes the program. Node aborts if that fails, so its file was looked for before. */
function replaceWith(program) {
  process.execve(program, ["coax", ...process.argv.slice(2)], process.env);
}

/**
 * Runs the program as a child. A terminal, and Windows' console, send their signals to the child
 * too: they are not sent again, since a second one ends the program at once.
 */
function run(program) {
  const reachesBoth = platform === "win32" || [0, 1, 2].some((fd) => isatty(fd));
  // Before there is a child: a signal that comes meanwhile is handled, and sent, after `spawn`.
  for (const signal of ["SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM"]) {
    process.on(signal, () => {
      if (!reachesBoth || signal === "SIGTERM") child.kill(signal);
    });
  }
  const child = spawn(program, process.argv.slice(2), { stdio: "inherit", argv0: "coax" });
  child.on("error", ({ message }) => fail(NOT_EXECUTABLE, message));
  child.on("exit", endAs);
}

/** Ends this process as the child did, by the same status or the same signal. */
function endAs(status, signal) {
  if (signal === null) process.exit(status);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + constants.signals[signal]); // For a signal that Node ignores.
}

const program = find();
// On Windows the function is there, and throws.
if (process.execve && platform !== "win32") replaceWith(program);
else run(program);
