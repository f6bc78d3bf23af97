/** Lines and proofs of the gate's protocol. */
import { assert, assertEquals } from "@std/assert";
import {
  type Claim,
  newNonce,
  newVisitorId,
  parseLine,
  Prover,
} from "../../src/transports/gate/protocol.ts";
import { below, generator } from "../support/random.ts";

const N = "ab".repeat(32);
const ID = "cd".repeat(16);

/** Lines of each kind that are right. */
const GOOD = {
  hello: [{ gate: 1, nonce: N }, { gate: 1, take: ID, nonce: N, proof: N }],
  challenge: [{ nonce: N }],
  ask: [{ listen: 0, proof: N }, { listen: 65535, proof: N }],
  answer: [
    { port: 1, public: "", proof: N },
    { port: 1, public: "a-b.example", proof: N },
    { port: 1, public: "::1", proof: N },
    { error: "port 80 isn't free" },
  ],
  taken: [{ proof: N }],
  announcement: [
    { visitor: ID, peer: "192.0.2.1:5", local: "[2001:db8::1]:6" },
    { visitor: ID, peer: "[fe80::1%eth0]:5", local: "192.0.2.1:65535" },
    { gone: ID },
    { ping: true },
  ],
  reply: [{ refuse: ID }, { pong: true }],
} as const;
type Kind = keyof typeof GOOD;
const KINDS = Object.keys(GOOD) as Kind[];

/** Values that no field may have. */
const BAD = [
  undefined,
  null,
  true,
  false,
  "",
  "x",
  -1,
  1.5,
  65536,
  [],
  {},
  [N],
  N.toUpperCase(),
  `${N}\n`,
  `${N}0`,
  "\u001b[2J",
  "127.0.0.1",
  "127.0.0.1:65536",
  "h:1",
  "[::1%]:1",
];

Deno.test("a line has exactly its fields, each of its form", () => {
  for (const kind of KINDS) {
    for (const line of GOOD[kind]) {
      assertEquals(parseLine(kind, JSON.stringify(line)) as unknown, line);
      assertEquals(parseLine(kind, JSON.stringify({ ...line, more: 1 })), undefined);
      for (const name of Object.keys(line)) {
        const { [name]: _, ...fewer } = line as Record<string, unknown>;
        assertEquals(parseLine(kind, JSON.stringify(fewer)), undefined, `${kind} without ${name}`);
        for (const value of BAD) {
          // An empty name is one, and `true` is what pings and pongs have.
          if (name === "public" && (value === "" || value === "x" || value === N.toUpperCase())) {
            continue;
          }
          if (name === "public" && /^[\w.:-]*$/.test(String(value)) && typeof value === "string") {
            continue;
          }
          if (name === "error" && typeof value === "string" && /^[\x20-\x7e]+$/.test(value)) {
            continue;
          }
          if (value === true && (name === "ping" || name === "pong")) continue;
          const wrong = JSON.stringify({ ...line, [name]: value });
          assertEquals(parseLine(kind, wrong), undefined, `${kind}: ${wrong}`);
        }
      }
    }
  }
});

Deno.test("whatever else comes is no line", () => {
  const random = generator(7);
  const texts = ["", "null", "1", "[]", "{}", '"x"', '{"gate":1', `{"__proto__":{"gate":1}}`];
  for (let i = 0; i < 5000; i++) {
    const size = below(random, 60);
    texts.push(String.fromCharCode(...Array.from({ length: size }, () => below(random, 256))));
  }
  for (const kind of KINDS) {
    for (const text of texts) assertEquals(parseLine(kind, text), undefined, text);
  }
});

Deno.test("a proof is good for one claim and one secret", async () => {
  const [prover, other] = [await Prover.with("secret"), await Prover.with("Secret")];
  const claims: Claim[] = [
    ["listen", N, ID, 1],
    ["listen", ID, N, 1],
    ["listen", N, ID, 2],
    ["listening", N, ID, 1, ""],
    ["listening", N, ID, 1, "h"],
    ["take", N, ID],
    ["taken", N, ID],
  ];
  for (const claim of claims) {
    const proof = await prover.prove(claim);
    for (const one of claims) {
      assertEquals(await prover.accepts(one, proof), one === claim);
      assert(!await other.accepts(one, proof));
    }
  }
});

Deno.test("nonces and names are fresh, and of the form that is taken", () => {
  const [nonces, ids] = [new Set<string>(), new Set<string>()];
  for (let i = 0; i < 1000; i++) {
    nonces.add(newNonce());
    ids.add(newVisitorId());
  }
  assertEquals([nonces.size, ids.size], [1000, 1000]);
  for (const nonce of nonces) assert(parseLine("challenge", JSON.stringify({ nonce })));
  for (const refuse of ids) assert(parseLine("reply", JSON.stringify({ refuse })));
});
