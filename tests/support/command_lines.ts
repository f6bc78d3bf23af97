/** Command lines that are almost right. */
import { loadCommands } from "../../src/commands/mod.ts";
import { flagName } from "../../src/flags/flag.ts";
import { mutatedText } from "../fuzz/fuzz.ts";
import { below, type Generator, pick } from "./random.ts";

const commands = await loadCommands();

/** An address of every form. */
export const ADDRESSES = [
  "9000",
  ":9000",
  "*:80",
  "host:9000",
  "1.2.3.4:5",
  "[::1]:9000",
  "[fe80::1%eth0]:80",
  "tcp://h:1",
  "tls://:8443",
  "udp://9000",
  "ws://host:1/path?query#x",
  "wss://8080",
  "unix:/run/x",
  "unix:///run/x",
  "ws+unix:/run/x:/uri",
  'exec:cat -n \'a b\' "c\\"d"',
  "sh:cat | tr a b",
  "stdio:",
  "-",
];

const VALUES = ["", "0", "1", "-1", "10s", "5ms", "1KiB", "1MB/s", "0.5", "text", "0600", "@/none"];
const STRAYS = ["--", "-", "--no", "-xvq", "--=", "-=", "--_", "--__proto__", "--constructor=1"];

/** A command line of the command's own options, well or badly filled, and of what isn't one. */
export function commandLine(random: Generator): { name: string; argv: string[] } {
  const { name, flags } = pick(random, commands);
  const keys = Object.keys(flags);
  const word = () => {
    const option = `--${flagName(pick(random, keys))}`;
    const value = mutatedText(random, VALUES);
    return pick(random, [
      [option],
      [option, value],
      [`${option}=${value}`],
      [mutatedText(random, [option, "-v", "-m=7"])],
      [mutatedText(random, ADDRESSES)],
      [pick(random, STRAYS)],
    ]);
  };
  return { name, argv: Array.from({ length: below(random, 6) }, word).flat() };
}
