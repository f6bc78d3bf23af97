/** Observes one side of a connection: counts what passes, and passes it on to viewers. */
import type { Message } from "../core/duplex.ts";
import type { Observer } from "../wrap/tap.ts";

/** What one side has counted, bytes. */
export interface SideTraffic {
  received: number;
  sent: number;
}

interface Side {
  readonly traffic: SideTraffic;
  /** Counts for all connections of the proxy. */
  readonly count: (received: number, sent: number) => void;
  /** The viewers' observers of this side. None are asked for while there is no viewer. */
  readonly viewers: () => Iterable<Observer>;
  /** One direction of this side is over. */
  readonly onEof?: () => void;
  readonly onClosed?: () => void;
}

/** The observer of a side; without viewers it counts, and nothing more. */
export function sideObserver({ traffic, count, viewers, onEof, onClosed }: Side): Observer {
  const pass = (name: "sending" | "received" | "sent", bytes: Uint8Array, message?: Message) => {
    for (const viewer of viewers()) viewer[name]?.(bytes, message);
  };
  const eof = (name: "receivedEof" | "sentEof") => {
    onEof?.();
    for (const viewer of viewers()) viewer[name]?.();
  };
  return {
    sending: (bytes, message) => pass("sending", bytes, message),
    sendingEof() {
      for (const viewer of viewers()) viewer.sendingEof?.();
    },
    received(bytes, message) {
      traffic.received += bytes.length;
      count(bytes.length, 0);
      pass("received", bytes, message);
    },
    sent(bytes, message) {
      traffic.sent += bytes.length;
      count(0, bytes.length);
      pass("sent", bytes, message);
    },
    receivedEof: () => eof("receivedEof"),
    sentEof: () => eof("sentEof"),
    failed(error) {
      for (const viewer of viewers()) viewer.failed?.(error);
    },
    closed(reason) {
      onClosed?.();
      for (const viewer of viewers()) viewer.closed?.(reason);
    },
  };
}
