/** Gates for tests, and how a listener reaches each. */
import { Coax } from "./coax.ts";

export const SECRET = "correct horse battery staple";

/** How a gate is reached. */
export interface GateKind {
  readonly name: string;
  readonly scheme: string;
  /** The gate's own address. */
  readonly at: string;
  readonly options?: readonly string[];
}

export const GATE_KINDS: readonly GateKind[] = [
  { name: "TCP", scheme: "gate", at: "127.0.0.1:0" },
  { name: "TLS", scheme: "gate+tls", at: "tls://127.0.0.1:0", options: ["--self-signed"] },
  { name: "a WebSocket", scheme: "gate+ws", at: "ws://127.0.0.1:0" },
  {
    name: "a WebSocket over TLS",
    scheme: "gate+wss",
    at: "wss://127.0.0.1:0",
    options: ["--self-signed"],
  },
];

/** A running gate. */
export class TestGate implements AsyncDisposable {
  private constructor(
    readonly coax: Coax,
    private readonly kind: GateKind,
    /** Its own port. */
    readonly port: number,
    private readonly pin: string | undefined,
  ) {}

  static async open(kind: GateKind, ...options: string[]): Promise<TestGate> {
    const args = ["gate", kind.at, "--secret", SECRET, ...kind.options ?? [], ...options];
    const coax = Coax.start(args);
    const port = Number(/:(\d+)$/.exec(await coax.address())![1]);
    const pin = /^pin (\S+)$/m.exec(coax.stderr)?.[1];
    return new TestGate(coax, kind, port, pin);
  }

  /** A command's words that listen on `port` of it; 0 for any. */
  words(port = 0, secret = SECRET): string[] {
    const address = `${this.kind.scheme}://127.0.0.1:${this.port}/${port}`;
    return [address, "--secret", secret, ...this.pin ? ["--pin", this.pin] : []];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.coax[Symbol.asyncDispose]();
  }
}

export const [PLAIN] = GATE_KINDS as [GateKind, ...GateKind[]];
