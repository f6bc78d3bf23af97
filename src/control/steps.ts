/** The steps of each connection as `-v` logs them, for viewers of a log that is less verbose. */
import type { Log } from "../core/log.ts";
import { connectionLogger } from "../setup/observe.ts";
import type { Observer } from "../wrap/tap.ts";
import type { ConnectionObserver } from "./side.ts";
import type { TrackedConnection, Viewer } from "./tracked_connection.ts";

/** A viewer that logs what both sides of every connection do from now on. */
export function stepViewer(log: Log): Viewer {
  return (connection) => {
    const { id, peer, proxy, startedAt } = connection;
    const own = log.with({ id, peer, proxy });
    const client = connectionLogger(peer, own, { ...connection.client.traffic, start: startedAt });
    return { ...client, ...targetSteps(connection, own) };
  };
}

/** Logs the target's side, whose address is known once it is connected. */
function targetSteps(
  { target, connectedTarget }: TrackedConnection,
  log: Log,
): Pick<ConnectionObserver, "target" | "connected"> {
  let steps: Observer | undefined;
  const begin = (peer: string, start = performance.now()) => {
    steps = connectionLogger(peer, log, { ...target.traffic, start });
  };
  if (connectedTarget) begin(connectedTarget.peer, connectedTarget.at);
  return {
    connected: (peer) => begin(peer),
    target: {
      received: (bytes) => steps?.received?.(bytes),
      sent: (bytes) => steps?.sent?.(bytes),
      receivedEof: () => steps?.receivedEof?.(),
      sentEof: () => steps?.sentEof?.(),
      closed: (reason) => steps?.closed?.(reason),
    },
  };
}
