/** Programs beside coax and Deno that commands of pages run. */
import { nats } from "../interop/nats_server.ts";
import { available } from "../interop/peer_program.ts";

const PROGRAMS = [
  nats,
  { name: "openssl", available: available("openssl", ["version"], /OpenSSL/) },
  { name: "node", available: available("node", ["--version"], /^v(?:18|[2-9]\d)\./) },
  { name: "python3", available: available("python3", ["--version"], /3\.[1-9]\d/) },
  { name: "go", available: available("go", ["version"], /go1\./) },
  { name: "curl", available: available("curl", ["--version"], /curl/) },
  { name: "cc", available: available("cc", ["--version"], /./) },
  { name: "tshark", available: available("tshark", ["--version"], /TShark/) },
];

/** The first program that these lines run and this machine lacks, or one that is there. */
export function programFor(lines: readonly string[]): { name: string; available: boolean } {
  const runs = (name: string) => {
    const command = new RegExp(`(?:^|[|;&(] *)${name}\\b`);
    return lines.some((line) => command.test(line));
  };
  const needed = PROGRAMS.filter(({ name }) => runs(name));
  return needed.find(({ available }) => !available) ?? { name: "coax", available: true };
}
