/** Words that people write for a command, and the command that does it. */
const MEANINGS: Readonly<Record<string, string>> = {
  server: "listen serve accept bind host start",
  client: "connect dial open join talk send get post request",
  echo: "mirror reflect loopback",
  relay: "proxy forward tunnel bridge pipe redirect map expose portforward port-forward splice ssh",
  chat: "room broadcast broker talk-room irc",
  wait: "check probe scan ping test wait-for wait-for-it wait-for-it.sh isopen",
  bench: "perf iperf measure speed speedtest benchmark",
  replay: "play playback",
  control: "toxiproxy toxiproxy-server panel chaos",
  gate: "ngrok gateway",
  help: "man usage topics topic",
};

const COMMANDS: ReadonlyMap<string, string> = new Map(
  Object.entries(MEANINGS).flatMap(([command, words]) =>
    words.split(" ").map((word) => [word, command] as const)
  ),
);

/** The programs whose command lines coax explains, also under names that explain doesn't know. */
const TOOLS = /^(?:nc|netcat|ncat|socat|websocat|wscat|telnet|openssl|curl)$/;

/** The command that a word stands for; undefined for a word without a meaning here. */
export function commandFor(word: string): string | undefined {
  return COMMANDS.get(word.toLowerCase());
}

/** Whether a word is the name of a program whose command lines `coax explain` takes. */
export function isTool(word: string): boolean {
  return TOOLS.test(word);
}

/** Every word in the table. */
export const foreignWords: readonly string[] = [...COMMANDS.keys()];
