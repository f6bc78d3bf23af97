/** How coax words what the operating system says of a failure. */

/** The system's message, `connection refused`, without the number after it. */
export function reasonOfSystem(error: Error): string {
  // Deno's message names flags that only the one who compiles the program can give.
  if (error instanceof Deno.errors.NotCapable && /^Requires all access/i.test(error.message)) {
    return "the runtime keeps programs away from most of /dev and /proc";
  }
  if (isDirectoryRemoved(error.message)) return "our working directory has been removed";
  // Node puts the message between a code and a call: `ENXIO: no such device or address, open '…'`.
  const text = error.message.replace(/ \(os error \d+\).*$/s, "")
    .replace(/^E[A-Z0-9]+: (.*), \w+(?: '.*')?$/s, "$1");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The same for a path that was to be made: where its folder is missing, with the folder. */
export function reasonOfMaking(path: string, error: Error): string {
  const reason = reasonOfSystem(error);
  const folder = path.replace(/\/[^/]*$/, "") || "/";
  if ((error as { code?: string }).code !== "ENOENT" || folder === path) return reason;
  try {
    Deno.statSync(folder);
    return reason; // A link that leads nowhere.
  } catch {
    return `${reason}; there is no folder ${folder}`;
  }
}

/** Whether the runtime's message is about a working directory that has been removed. */
export function isDirectoryRemoved(message: string): boolean {
  return message.includes("failed resolving cwd");
}
