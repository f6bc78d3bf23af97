/**
 * What a gate and those who listen at it say to each other: lines of JSON. Each proves that it
 * knows the secret by an HMAC-SHA-256 (RFC 2104) over a label of its own, so that none can be
 * reflected, and over the other's fresh nonce, so that none can be replayed. A visitor's ID is
 * random and good for one connection: there it is the gate's nonce.
 */
import { parseLiteral } from "../../address/ip.ts";

/*
 * listener → gate   {"gate":1,"nonce":N}
 * gate → listener   {"nonce":M}
 * listener → gate   {"listen":PORT,"proof":P}, over N, M and PORT
 * gate → listener   {"port":PORT,"public":HOST,"proof":P}, over N, M, PORT and HOST
 *
 * listener → gate   {"gate":1,"take":ID,"nonce":N,"proof":P}, over N and ID
 * gate → listener   {"proof":P}, over N and ID; then the visitor's bytes pass
 */

/** Longest line that is read, bytes without its newline. */
export const LONGEST_LINE = 1024;

/** What a listener says first: that it wants to listen, or to take a visitor. */
export type Hello =
  | { readonly nonce: string }
  | { readonly take: string; readonly nonce: string; readonly proof: string };

/** What a gate announces to a listener. */
export type Announcement =
  | { readonly visitor: string; readonly peer: string; readonly local: string }
  | { readonly gone: string }
  | { readonly ping: true };

/** What a listener says about visitors, and that it is there. */
export type Reply = { readonly refuse: string } | { readonly pong: true };

const HEX = /^[0-9a-f]{64}$/;
const ID = /^[0-9a-f]{32}$/;
const HOST = /^[\w.:-]{0,253}$/;
/** A reason that the gate gives, to be shown. */
const TEXT = /^[\x20-\x7e]{1,200}$/;

type Check = (value: unknown) => boolean;
const matches = (pattern: RegExp): Check => (value) =>
  typeof value === "string" && pattern.test(value);
const isPort: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65536;
const isOne: Check = (value) => value === 1;
const isTrue: Check = (value) => value === true;

/** An IP address and a port, as a socket's peer is shown. */
const isEndpoint: Check = (value) => {
  const [, ipv6, ipv4, port] =
    /^(?:\[([^\]%]+)(?:%[\w.-]{1,16})?\]|([\d.]+)):(\d{1,5})$/.exec(String(value)) ?? [];
  return typeof value === "string" && Number(port) < 65536 && !!parseLiteral(ipv6 ?? ipv4 ?? "");
};

/** The fields of each line, all of which it must have, and no other. */
const LINES = {
  hello: [{ gate: isOne, nonce: matches(HEX) }, {
    gate: isOne,
    take: matches(ID),
    nonce: matches(HEX),
    proof: matches(HEX),
  }],
  challenge: [{ nonce: matches(HEX) }],
  ask: [{ listen: isPort, proof: matches(HEX) }],
  answer: [{ port: isPort, public: matches(HOST), proof: matches(HEX) }, { error: matches(TEXT) }],
  taken: [{ proof: matches(HEX) }],
  announcement: [
    { visitor: matches(ID), peer: isEndpoint, local: isEndpoint },
    { gone: matches(ID) },
    { ping: isTrue },
  ],
  reply: [{ refuse: matches(ID) }, { pong: isTrue }],
} as const satisfies Record<string, readonly Readonly<Record<string, Check>>[]>;

interface Parsed {
  hello: Hello;
  challenge: { readonly nonce: string };
  ask: { readonly listen: number; readonly proof: string };
  answer: { readonly port: number; readonly public: string; readonly proof: string } | {
    readonly error: string;
  };
  taken: { readonly proof: string };
  announcement: Announcement;
  reply: Reply;
}

/** Parses a line of that kind; undefined for anything but exactly its fields. */
export function parseLine<K extends keyof Parsed>(kind: K, line: string): Parsed[K] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const given = value as Record<string, unknown>;
  const fits = (form: Readonly<Record<string, Check>>) =>
    Object.keys(given).length === Object.keys(form).length &&
    Object.entries(form).every(([name, check]) => Object.hasOwn(given, name) && check(given[name]));
  return LINES[kind].some(fits) ? given as unknown as Parsed[K] : undefined;
}

/** A line as bytes, with its newline. */
export function formatLine(line: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
}

/** A fresh nonce: 32 random bytes in hexadecimal. */
export function newNonce(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** A fresh name for a visitor: 16 random bytes in hexadecimal, which nobody can guess. */
export function newVisitorId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** What a proof is of; no two have the same text. */
export type Claim =
  | readonly ["listen", listenerNonce: string, gateNonce: string, port: number]
  | readonly ["listening", listenerNonce: string, gateNonce: string, port: number, host: string]
  | readonly ["take", listenerNonce: string, visitor: string]
  | readonly ["taken", listenerNonce: string, visitor: string];

/** Makes and checks proofs with one secret. */
export class Prover {
  private constructor(private readonly key: CryptoKey) {}

  /** @param secret Not empty; its UTF-8 bytes are the key. */
  static async with(secret: string): Promise<Prover> {
    const bytes = new TextEncoder().encode(secret);
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return new Prover(
      await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]),
    );
  }

  /** The proof of a claim, in hexadecimal. */
  async prove(claim: Claim): Promise<string> {
    return new Uint8Array(await crypto.subtle.sign("HMAC", this.key, textOf(claim))).toHex();
  }

  /** Whether `proof` is that of the claim, found out in the same time whatever it is. */
  async accepts(claim: Claim, proof: string): Promise<boolean> {
    return await crypto.subtle.verify("HMAC", this.key, Uint8Array.fromHex(proof), textOf(claim));
  }
}

function textOf(claim: Claim): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(["coax gate 1", ...claim].join("\n"));
}
