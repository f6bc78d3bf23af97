/** How a bound socket receives and sends datagrams, whatever its addresses are. */

/** Who has sent a datagram. */
export type Peer = Deno.Addr & {
  /** Equal for datagrams of one peer, to one address of ours where the socket has several. */
  readonly key: string;
};

/** An address that datagrams are sent to. */
export type AddressOf<P extends Peer> = Omit<P, "key">;

/**
 * Takes a received datagram, whose bytes it may keep. False where there is no room for it. Must
 * neither block nor throw.
 */
export type Deliver<P extends Peer> = (data: Uint8Array, from: P) => boolean | void;

export interface Datagrams<P extends Peer> {
  /** The address that it is bound to. */
  readonly addr: AddressOf<P>;
  /** Waits for a datagram, and delivers it, perhaps with others that have arrived. */
  receive(deliver: Deliver<P>): Promise<void>;
  /**
   * Sends a datagram to a sender of one, or to the only peer. Returns a promise where that takes
   * time, or has failed: it rejects with the system's error.
   */
  send(data: Uint8Array, to: AddressOf<P>): Promise<unknown> | undefined;
  close(): void;
}
