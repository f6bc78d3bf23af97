/** Events as the control tells them, for tests of what the panel makes of them. */
import type {
  ClosedConnection,
  Connection,
  LogEvent,
  ProxySums,
} from "../../../src/control/panel/wire.ts";

/** A time in milliseconds since the epoch, `seconds` after the first. */
export function at(seconds: number): number {
  return Date.parse("2026-01-01T00:00:00Z") + seconds * 1000;
}

export function timeAt(seconds: number): string {
  return new Date(at(seconds)).toISOString();
}

export function connection(id: number, more: Partial<Connection> = {}): Connection {
  return {
    id,
    proxy: "a",
    peer: `127.0.0.1:${40000 + id}`,
    target: "127.0.0.1:7",
    state: "open",
    since: timeAt(0),
    sent: 0,
    received: 0,
    toxics: [],
    ...more,
  };
}

/** A connection that is over, as the control has kept it. */
export function closed(id: number, more: Partial<ClosedConnection> = {}): ClosedConnection {
  return { ...connection(id), state: "closed", until: timeAt(9), ...more };
}

/** An event of the connection with that number. */
export function told(event: string, id: number, more: Partial<LogEvent> = {}): LogEvent {
  const peer = `127.0.0.1:${40000 + id}`;
  return { time: timeAt(1), level: "debug", event, message: event, proxy: "a", id, peer, ...more };
}

export function sumsOf(name: string, more: Partial<ProxySums> = {}): ProxySums {
  const none = { received: 0, sent: 0, receivedFromTarget: 0, sentToTarget: 0 };
  const counts = { connections: 0, active: 0, ...none, roundTrip: { count: 0 } };
  return { name, enabled: true, ...counts, ...more };
}
