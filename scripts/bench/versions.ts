/** Describes the machine, and the versions of all programs that take part. */

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  /** Versions by program. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The arguments that print a program's version, and its pattern in the output. */
const PROGRAMS: Readonly<Record<string, readonly [args: string[], pattern: RegExp]>> = {
  socat: [["-V"], /socat version (\S+)/],
  ncat: [["--version"], /Version (\S+)/],
  haproxy: [["-v"], /version (\S+)/],
  nginx: [["-v"], /nginx\/(\S+)/],
  node: [["--version"], /v(\S+)/],
  openssl: [["version"], /OpenSSL (\S+)/],
  wrk: [["-v"], /^wrk (\S+)/],
  iperf3: [["--version"], /^iperf (\S+)/],
  sockperf: [["--version"], /version (\S+)/],
};

export async function describeMachine(coax: string): Promise<Machine> {
  const versions: Record<string, string> = {
    coax: await ask(coax, ["--version"], /coax (\S+)/),
    Deno: Deno.version.deno,
  };
  for (const [name, [args, pattern]] of Object.entries(PROGRAMS)) {
    versions[name] = await ask(name, args, pattern);
  }
  return {
    cpu: await cpuModel(),
    cores: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    versions,
  };
}

async function ask(command: string, args: string[], pattern: RegExp): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(command, { args }).output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return pattern.exec(output)?.[1] ?? "unknown";
}

async function cpuModel(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ?? Deno.build.arch;
}
