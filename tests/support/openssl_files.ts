/** Certificates and keys in every form that OpenSSL writes, made once for a file of tests. */
import { concat } from "../../src/core/bytes.ts";

const directory = Deno.makeTempDirSync({ prefix: "coax-" });
globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));

/** Runs a shell line in the directory of the files, and returns its output. */
function shell(line: string): Uint8Array<ArrayBuffer> {
  const { success, stdout, stderr } = new Deno.Command("sh", {
    args: ["-ec", line],
    cwd: directory,
  }).outputSync();
  if (!success) throw new Error(`${line}\n${new TextDecoder().decode(stderr)}`);
  return new Uint8Array(stdout);
}

/** Returns what `openssl ARGS` prints. */
export function openssl(args: string): Uint8Array<ArrayBuffer> {
  return shell(`openssl ${args} 2>/dev/null`);
}

/** Writes a file of these parts one after the other; returns its path. */
export function file(name: string, ...parts: (string | Uint8Array)[]): string {
  const encoder = new TextEncoder();
  const bytes = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  Deno.writeFileSync(`${directory}/${name}`, concat(bytes));
  return `${directory}/${name}`;
}

const KEYS = {
  ec: "ecparam -name prime256v1 -genkey",
  other: "ecparam -name prime256v1 -genkey -noout",
  rsa: "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
  small: "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024",
  p384: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
  p521: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
  k1: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
  explicit: "ecparam -name prime256v1 -genkey -param_enc explicit",
  ed: "genpkey -algorithm ED25519",
  ed448: "genpkey -algorithm ED448",
} as const;
export type KeyName = keyof typeof KEYS;

const EXTENSIONS =
  "printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' >leaf.ext; " +
  "printf 'basicConstraints=critical,CA:TRUE\\n' >ca.ext; ";

/** A root and an authority below it, in `root.crt` and `ca.crt`. */
function makeAuthorities(): void {
  shell(
    EXTENSIONS +
      "openssl ecparam -name prime256v1 -genkey -noout -out root.key; " +
      "openssl ecparam -name prime256v1 -genkey -noout -out ca.key; " +
      "openssl req -x509 -key root.key -subj /CN=root -days 30 -out root.crt " +
      "-addext basicConstraints=critical,CA:TRUE; " +
      "openssl req -new -key ca.key -subj /CN=ca -out ca.csr; " +
      "openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -CAcreateserial -days 30 " +
      "-extfile ca.ext -out ca.crt 2>/dev/null",
  );
}

/** Made when the first test asks, where openssl is installed. */
let authorities = false;
export function certificate(key: KeyName): { key: string; cert: string; root: string; ca: string } {
  if (!authorities) makeAuthorities();
  authorities = true;
  const path = (name: string) => `${directory}/${name}`;
  const paths = {
    key: path(`${key}.key`),
    cert: path(`${key}.crt`),
    root: path("root.crt"),
    ca: path("ca.crt"),
  };
  if (exists(paths.cert)) return paths;
  shell(
    `openssl ${KEYS[key]} >${key}.key 2>/dev/null; ` +
      `openssl req -new -key ${key}.key -subj /CN=localhost -out ${key}.csr; ` +
      `openssl x509 -req -in ${key}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 ` +
      `-extfile leaf.ext -out ${key}.crt 2>/dev/null; ` +
      // Without extensions it is of version 1.
      `openssl x509 -req -in ${key}.csr -signkey ${key}.key -days 30 -out ${key}.v1.crt 2>/dev/null`,
  );
  return paths;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
