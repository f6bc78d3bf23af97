/** Help, made from the same table that the parser reads. */
import type { Command } from "../commands/command.ts";
import { type Flag, flagName } from "../flags/flag.ts";

/** `coax --help`. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name, operands }) => `${name} ${operands}`.length));
  const lines = commands.map(({ name, operands, summary }) =>
    `  coax ${`${name} ${operands}`.padEnd(width)}  ${summary}`
  );
  return `coax: both ends of a socket

${lines.join("\n")}
  coax help [COMMAND] · coax COMMAND --help · coax --version

Addresses
  9000  host:9000  [::1]:9000   TCP; a bare port is this machine, over IPv4 and IPv6
  :9000                         listening: every interface
  tls://host:9000  tls://9000   TLS over TCP
  unix:PATH                     Unix stream socket
  ws://host:port/path           WebSocket; ws+unix:PATH:/uri over a Unix socket
  exec:'COMMAND ARG...'         a child process: its stdin and stdout are the connection
  sh:'LINE'                     the same through a shell
  -                             this process's stdin and stdout

A first conversation, in two terminals:
  coax server 9000
  coax client 9000
`;
}

/** `coax COMMAND --help`. */
export function commandHelp(command: Command): string {
  const groups = new Map<string, string[]>();
  const flags = Object.entries(command.flags);
  const width = Math.min(36, Math.max(...flags.map(([key, flag]) => usage(key, flag).length)));
  for (const [key, flag] of flags) {
    const lines = groups.get(flag.group ?? "Options") ?? [];
    const shown = flag.shown ? ` (${flag.shown})` : "";
    lines.push(`  ${usage(key, flag).padEnd(width)}  ${flag.help}${shown}`);
    groups.set(flag.group ?? "Options", lines);
  }
  const longest = Math.max(...command.examples.map(([line]) => line.length));
  return [
    `coax ${command.name} ${command.operands}: ${command.summary}`,
    `Examples\n${
      command.examples.map(([line, meaning]) => `  ${line.padEnd(longest)}  ${meaning}`).join("\n")
    }`,
    ...[...groups].map(([heading, lines]) => `${heading}\n${lines.join("\n")}`),
  ].join("\n\n") + "\n";
}

function usage(key: string, flag: Flag<unknown>): string {
  const short = flag.short ? `-${flag.short}, ` : "    ";
  return `${short}--${flagName(key)}${flag.value ? ` ${flag.value}` : ""}`;
}
