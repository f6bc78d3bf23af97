/** Certificates and keys in every form and order that people have, or wrong in every way. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { certificate, file, type KeyName, openssl } from "../support/openssl_files.ts";
import { Coax, run } from "./coax.ts";
import { unusedPort } from "./peers.ts";

const program = { name: "openssl", available: available("openssl", ["version"], /OpenSSL/) };

const text = (path: string) => Deno.readTextFileSync(path);
const crlf = (pem: string) => pem.replaceAll("\n", "\r\n");
const utf16 = (pem: string) =>
  new Uint8Array([
    0xff,
    0xfe,
    ...new Uint8Array(Uint16Array.from(pem, (c) => c.charCodeAt(0)).buffer),
  ]);

/**
 * Certificate and key, as their options name them; without a key file, the certificate's has it.
 */
interface Pair {
  readonly cert: string;
  readonly key?: string;
}

interface Good {
  readonly form: string;
  /** The key of the case; P-256 by default. */
  readonly type?: KeyName;
  files(made: ReturnType<typeof certificate>): Pair;
}

/** Other content that a PEM file may have. */
const others = (key: string) =>
  text(openssl_(`pkey -in ${key} -pubout`)) + "-----BEGIN DH PARAMETERS-----\nMAA=\n" +
  "-----END DH PARAMETERS-----\n";
let count = 0;
/** Output of openssl in a file. */
const openssl_ = (args: string) => file(`out-${count++}.pem`, openssl(args));

const GOOD: Good[] = [
  { form: "a key behind EC PARAMETERS (openssl ecparam -genkey)", files: (made) => made },
  {
    form: "a key of RFC 5915",
    files: ({ cert, key }) => ({ cert, key: openssl_(`ec -in ${key}`) }),
  },
  {
    form: "a key of PKCS #8",
    files: ({ cert, key }) => ({ cert, key: openssl_(`pkey -in ${key}`) }),
  },
  { form: "an RSA key of PKCS #8", type: "rsa", files: (made) => made },
  {
    form: "an RSA key of PKCS #1",
    type: "rsa",
    files: ({ cert, key }) => ({ cert, key: openssl_(`rsa -traditional -in ${key}`) }),
  },
  { form: "a key on P-384", type: "p384", files: (made) => made },
  { form: "a key on P-521", type: "p521", files: (made) => made },
  { form: "an Ed25519 key", type: "ed", files: (made) => made },
  {
    form: "one file, certificate and key",
    files: ({ cert, key }) => ({ cert: file("one.pem", text(cert), text(key)) }),
  },
  {
    form: "one file, key and certificate",
    files: ({ cert, key }) => ({ cert: file("two.pem", text(key), text(cert)) }),
  },
  {
    form: "one file with other blocks between",
    files: ({ cert, key }) => {
      const more = others(key);
      return { cert: file("many.pem", more, text(key), more, text(cert), more) };
    },
  },
  {
    form: "one file with CRLF",
    files: ({ cert, key }) => ({ cert: file("crlf.pem", crlf(text(key) + text(cert))) }),
  },
  {
    form: "one file with a byte order mark",
    files: ({ cert, key }) => ({ cert: file("bom.pem", "\ufeff", text(cert), text(key)) }),
  },
  {
    form: "one file in UTF-16",
    files: ({ cert, key }) => ({ cert: file("utf16.pem", utf16(text(cert) + text(key))) }),
  },
  {
    form: "lines with space before and behind them",
    files: ({ cert, key }) => ({
      cert: file("space.pem", (text(cert) + text(key)).replace(/^|$/gm, "  ")),
    }),
  },
  {
    form: "no newline at the end",
    files: ({ cert, key }) => ({ cert: file("end.pem", text(key), text(cert).trimEnd()) }),
  },
  {
    form: "explanations before each block (openssl x509 -text)",
    files: ({ cert, key }) => ({
      cert: openssl_(`x509 -text -in ${cert}`),
      key: file("explained.key", "Bag Attributes\n    localKeyID: 01 02\n", text(key)),
    }),
  },
  {
    form: "a certificate marked as trusted (openssl x509 -trustout)",
    files: ({ cert, key }) => ({
      cert: openssl_(`x509 -trustout -addtrust serverAuth -setalias me -in ${cert}`),
      key,
    }),
  },
  {
    form: "a chain that begins with its authority",
    files: ({ cert, key, ca, root }) => ({
      cert: file("chain.pem", text(root), text(ca), text(cert)),
      key,
    }),
  },
  {
    form: "a file of several keys",
    files: ({ cert, key }) => ({
      cert,
      key: file("keys.pem", text(certificate("other").key), text(key)),
    }),
  },
];

for (const { form, type = "ec", files } of GOOD) {
  testWith(program, `--cert and --key take ${form}`, async () => {
    const made = certificate(type);
    const { cert, key = cert } = files(made);
    const args = ["echo", "tls://127.0.0.1:0", "--cert", cert, "--key", key];
    await using echo = Coax.start(args);
    const port = (await echo.address()).split(":").at(-1);
    const ca = ["--ca", /chain/.test(cert) ? made.root : made.ca];
    const { status, out, stderr } = await run(["client", `tls://localhost:${port}`, ...ca], {
      stdin: "x\n",
    });
    assertEquals([status, out], [0, "x\n"], stderr);
  });

  testWith(program, `--client-cert and --client-key take ${form}`, async () => {
    const made = certificate(type);
    const { cert, key = cert } = files(made);
    const port = unusedPort();
    const serving = ["-cert", made.cert, "-key", made.key, "-Verify", "3", "-CAfile"];
    const all = file(`all-${type}.pem`, text(made.root), text(made.ca));
    const words = ["openssl", "s_server", "-accept", `127.0.0.1:${port}`, ...serving, all, "-rev"];
    await using server = Coax.spawn([...words, "-verify_return_error"]);
    await server.prints(/ACCEPT/);
    const shown = ["--client-cert", cert, "--client-key", key, "--ca", made.ca];
    const args = ["client", `tls://localhost:${port}`, ...shown, "--expect", "olleh"];
    const { status, stderr } = await run([...args, "--send", "hello\\n"]);
    assertEquals(status, 0, stderr + server.stderr);
  });
}

interface Bad {
  readonly wrong: string;
  readonly files: (made: ReturnType<typeof certificate>) => Pair;
  /** The file and option to blame. */
  readonly fault: "cert" | "key";
  readonly says: RegExp;
}

const damage = (pem: string) => pem.replace(/(-----\n.{8}).{12}/, "$1AAAAAAAAAAAA");

const BAD: Bad[] = [
  {
    wrong: "an encrypted key of PKCS #8",
    files: ({ cert, key }) => ({
      cert,
      key: openssl_(`pkcs8 -topk8 -passout pass:secret -in ${key}`),
    }),
    fault: "key",
    says: /the key is encrypted; expected one without a passphrase/,
  },
  {
    wrong: "an encrypted key of the old form",
    files: ({ cert, key }) => ({
      cert,
      key: openssl_(`ec -aes128 -passout pass:secret -in ${key}`),
    }),
    fault: "key",
    says: /the key is encrypted/,
  },
  {
    wrong: "another's key",
    files: ({ cert }) => ({ cert, key: certificate("other").key }),
    fault: "key",
    says: /isn't the key of --(?:client-)?cert \S+$/,
  },
  {
    wrong: "another's key in one file",
    files: ({ cert }) => ({ cert: file("wrong.pem", text(certificate("rsa").key), text(cert)) }),
    fault: "key",
    says: /isn't the key of/,
  },
  {
    wrong: "an empty certificate",
    files: ({ key }) => ({ cert: file("empty.pem"), key }),
    fault: "cert",
    says: /holds no certificate: it is empty/,
  },
  {
    wrong: "a key of spaces",
    files: ({ cert }) => ({ cert, key: file("spaces.pem", " \n\r\n") }),
    fault: "key",
    says: /holds no private key: it is empty/,
  },
  {
    wrong: "a certificate in DER",
    files: ({ cert, key }) => ({ cert: openssl_(`x509 -outform der -in ${cert}`), key }),
    fault: "cert",
    says: /in PEM, but is DER; convert it with openssl x509 -inform der/,
  },
  {
    wrong: "a key in DER",
    files: ({ cert, key }) => ({ cert, key: openssl_(`pkey -outform der -in ${key}`) }),
    fault: "key",
    says: /in PEM, but is DER; convert it with openssl pkey -inform der/,
  },
  {
    wrong: "PKCS #12",
    files: ({ cert, key }) => ({
      cert: openssl_(`pkcs12 -export -passout pass:secret -in ${cert} -inkey ${key}`),
      key,
    }),
    fault: "cert",
    says: /is PKCS #12; convert it with openssl pkcs12/,
  },
  {
    wrong: "a key for a certificate",
    files: ({ key }) => ({ cert: key, key }),
    fault: "cert",
    says: /holds no certificate but EC PARAMETERS, EC PRIVATE KEY; expected a line -----BEGIN CERT/,
  },
  {
    wrong: "a certificate for a key",
    files: ({ cert }) => ({ cert, key: cert }),
    fault: "key",
    says: /holds no private key but CERTIFICATE; expected a line -----BEGIN PRIVATE KEY-----/,
  },
  {
    wrong: "a certificate that was cut",
    files: ({ cert, key }) => ({ cert: file("cut.pem", text(cert).slice(0, -40)), key }),
    fault: "cert",
    says: /-----BEGIN CERTIFICATE----- comes without -----END CERTIFICATE-----; is the file cut\?/,
  },
  {
    wrong: "a chain that was cut",
    files: ({ cert, key, ca }) => ({
      cert: file("cut-chain.pem", text(cert), text(ca).slice(0, -40)),
      key,
    }),
    fault: "cert",
    says: /is the file cut\?/,
  },
  {
    wrong: "a damaged certificate",
    files: ({ cert, key }) => ({ cert: file("damaged.pem", damage(text(cert))), key }),
    fault: "cert",
    says: /can't be read: its certificate no\. 1 is damaged/,
  },
  {
    wrong: "a damaged authority in its chain",
    files: ({ cert, key, ca }) => ({
      cert: file("damaged-chain.pem", text(cert), damage(text(ca))),
      key,
    }),
    fault: "cert",
    says: /can't be read: its certificate no\. 2 is damaged/,
  },
  {
    wrong: "a damaged key",
    files: ({ cert, key }) => ({
      cert,
      key: file("damaged.key", damage(text(openssl_(`pkey -in ${key}`)))),
    }),
    fault: "key",
    says: /can't be read: its key is damaged.*TLS takes RSA/,
  },
  {
    wrong: "no base64",
    files: ({ cert, key }) => ({ cert: file("base64.pem", text(cert).replace("MI", "M!")), key }),
    fault: "cert",
    says: /can't be read/,
  },
  {
    wrong: "any other text",
    files: ({ key }) => ({ cert: file("text.pem", "no PEM at all\n"), key }),
    fault: "cert",
    says: /holds no certificate; expected a line -----BEGIN CERTIFICATE-----/,
  },
  {
    wrong: "a certificate of X.509 version 1",
    files: ({ cert, key }) => ({ cert: cert.replace(/\.crt$/, ".v1.crt"), key }),
    fault: "cert",
    says: /is of X\.509 version 1, and TLS takes 3/,
  },
  {
    wrong: "an RSA key of 1024 bits",
    files: () => certificate("small"),
    fault: "key",
    says: /is an RSA key of 1024 bits; TLS takes RSA of 2048/,
  },
  {
    wrong: "a key on secp256k1",
    files: () => certificate("k1"),
    fault: "key",
    says: /is an EC key on secp256k1; TLS takes/,
  },
  {
    wrong: "a key whose curve has no name",
    files: () => certificate("explicit"),
    fault: "key",
    says: /can't be read: its key is damaged, or of a kind that isn't known; TLS takes/,
  },
  {
    wrong: "an Ed448 key",
    files: () => certificate("ed448"),
    fault: "key",
    says: /is a key of the kind ed448; TLS takes/,
  },
  {
    wrong: "a directory",
    files: ({ key }) => ({ cert: "/", key }),
    fault: "cert",
    says: /can't be read: is a directory/,
  },
];

const PARSERS_WORDS = /\b(?:BER|ASN|parse|unexpected error|invalid|OtherError|os error|panic)/i;

const SIDES = [
  { cert: "--cert", key: "--key", args: ["echo", "tls://0"] },
  { cert: "--client-cert", key: "--client-key", args: ["client", "tls://localhost:9"] },
  {
    cert: "--client-cert",
    key: "--client-key",
    args: ["relay", "127.0.0.1:0", "wss://localhost:9"],
  },
];

for (const { wrong, files, fault, says } of BAD) {
  testWith(program, `status 2 blames the file and the option for ${wrong}`, async () => {
    const { cert, key = cert } = files(certificate("ec"));
    for (const side of SIDES) {
      const args = [...side.args, side.cert, cert, side.key, key];
      const { status, stderr } = await run(args);
      assertEquals(status, 2, `${args.join(" ")}\n${stderr}`);
      const [line, more] = stderr.split(/\. Try |\n/);
      const path = fault === "cert" ? cert : key;
      assert(line!.startsWith(`coax: ${side[fault]} ${path}: `), line);
      assertMatch(line!, says);
      assert(!PARSERS_WORDS.test(line!), line);
      assert(more !== undefined && stderr.trim().split("\n").length === 1, stderr);
    }
  });
}

testWith(program, "--ca reads what --cert reads, and blames as it does", async () => {
  const { ca, key } = certificate("ec");
  const cases: [string, RegExp][] = [
    [file("ca-empty.pem"), /holds no certificate: it is empty/],
    [key, /holds no certificate but EC PARAMETERS, EC PRIVATE KEY/],
    [openssl_(`x509 -outform der -in ${ca}`), /is DER; convert it with openssl x509/],
    [file("ca-damaged.pem", text(ca), damage(text(ca))), /its certificate no\. 2 is damaged/],
    [file("ca-cut.pem", text(ca), text(ca).slice(0, -40)), /is the file cut\?/],
  ];
  for (const [path, says] of cases) {
    const { status, stderr } = await run(["client", "tls://localhost:9", "--ca", ca, "--ca", path]);
    assertEquals(status, 2, stderr);
    assertStringIncludes(stderr, `coax: --ca ${path}: `);
    assertMatch(stderr, says);
  }
});

/** Two servers, each with an authority of its own. */
async function twoServers() {
  const made = certificate("ec");
  const own = file("own.key", openssl("ecparam -name prime256v1 -genkey -noout"));
  const self = `req -x509 -key ${own} -subj /CN=localhost -days 30 ` +
    "-addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE";
  const cert = openssl_(self);
  const start = (cert: string, key: string) =>
    Coax.start(["echo", "tls://127.0.0.1:0", "--cert", cert, "--key", key]);
  const [first, second] = [start(made.cert, made.key), start(cert, own)];
  const portOf = async (server: Coax) => (await server.address()).split(":").at(-1);
  return {
    ports: [await portOf(first), await portOf(second)],
    authorities: [made.ca, cert],
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

testWith(program, "a second --ca adds to the first, in one file or in two", async () => {
  await using servers = await twoServers();
  const [one, two] = servers.authorities as [string, string];
  const both = file("both.pem", text(one), text(two));
  const options = [["--ca", one, "--ca", two], ["--ca", two, "--ca", one], ["--ca", both]];
  for (const port of servers.ports) {
    for (const option of options) {
      const { status, out, stderr } = await run(["client", `tls://localhost:${port}`, ...option], {
        stdin: "x\n",
      });
      assertEquals([status, out], [0, "x\n"], stderr);
    }
  }
  const { status } = await run(["client", `tls://localhost:${servers.ports[1]}`, "--ca", one]);
  assertEquals(status, 6);
});

testWith(program, "a second --ca counts with --pin and with --client-cert, too", async () => {
  await using servers = await twoServers();
  const [one, two] = servers.authorities as [string, string];
  const { cert, key } = certificate("ec");
  const shown = ["--client-cert", cert, "--client-key", key];
  const pin = new TextDecoder().decode(openssl(`x509 -noout -fingerprint -sha256 -in ${cert}`));
  const pinned = ["--pin", `sha256:${pin.split("=")[1]!.trim()}`];
  for (const options of [shown, pinned]) {
    const args = ["client", `tls://localhost:${servers.ports[0]}`, ...options];
    const { status, out, stderr } = await run([...args, "--ca", one, "--ca", two], {
      stdin: "x\n",
    });
    assertEquals([status, out, stderr], [0, "x\n", ""]);
  }
});

testWith(program, "a peer's certificate of X.509 version 1 is reported in our words", async () => {
  const { key, cert } = certificate("ec");
  const v1 = cert.replace(/\.crt$/, ".v1.crt");
  const port = unusedPort();
  const serving = ["-accept", `127.0.0.1:${port}`, "-cert", v1, "-key", key, "-rev"];
  await using server = Coax.spawn(["openssl", "s_server", ...serving]);
  await server.prints(/ACCEPT/);
  const args = ["client", `tls://localhost:${port}`, "--send", "hello\\n", "--expect", "olleh"];
  const refused = await run([...args, "--ca", v1]);
  assertEquals(refused.status, 6);
  assertMatch(refused.stderr, /X\.509 version 1 or 2.*--pin sha256:[0-9a-f]{64}/);
  const pin = new TextDecoder().decode(openssl(`x509 -noout -fingerprint -sha256 -in ${v1}`));
  const pinned = await run([...args, "--pin", `sha256:${pin.split("=")[1]!.trim()}`]);
  assertEquals(pinned.status, 0, pinned.stderr);
  assertMatch(pinned.stderr, /the certificate is the pinned one, but it is of X\.509 version 1/);
});
