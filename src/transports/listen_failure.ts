/** Errors of listening, with what helps. */
import { formatSocketPath } from "../address/socket_path.ts";
import { type CoaxError, UnavailableError } from "../core/errors.ts";
import { unavailable } from "./failure.ts";
import { reasonOfMaking } from "./system_reason.ts";
import { pathHolder, portHolder } from "./port_holder.ts";

/** Ports below this one are the system's, unless it says otherwise (ip(7)). */
const FIRST_FREE_PORT = 1024;

/** The error for a port that can't be bound; its cause is the system's error. */
export function bindFailure(
  text: string,
  { protocol, port }: { readonly protocol: "tcp" | "udp"; readonly port: number },
  error: unknown,
): CoaxError {
  const failure = unavailable("listen", text, error);
  const { code } = error as { code?: string };
  switch (code) {
    case "EADDRINUSE":
      return helped(failure, heldBy(portHolder(protocol, port)));
    case "EADDRNOTAVAIL":
      return helped(
        failure,
        `this machine has no such address; :${port} listens on all of its own`,
      );
    case "EACCES":
      return port < FIRST_FREE_PORT ? helped(failure, LOW_PORT) : failure;
    default:
      return failure;
  }
}

const LOW_PORT =
  "a port below 1024 takes rights (root, CAP_NET_BIND_SERVICE); one above, such as " +
  "8080, doesn't";

/** The error for a Unix socket that can't be bound. */
export function unixBindFailure(text: string, path: string, error: unknown): CoaxError {
  const { code } = error as { code?: string };
  if (code === "EADDRINUSE") return pathInUse(text, path);
  if (code !== "ENOENT") return unavailable("listen", text, error);
  const cause = error as Error;
  return new UnavailableError("listen", text, reasonOfMaking(path, cause), { cause });
}

/** The error for a Unix socket whose path or abstract name a live one has. */
export function pathInUse(text: string, path: string): CoaxError {
  const holder = pathHolder(formatSocketPath(path));
  return helped(new UnavailableError("listen", text, "address in use"), heldBy(holder));
}

const heldBy = (holder: string | undefined) => holder && `${holder} has it`;

/** The same error with advice. */
function helped(error: CoaxError, advice: string | undefined): CoaxError {
  if (!advice || !(error instanceof UnavailableError)) return error;
  const { stage, address, reason, cause } = error;
  return new UnavailableError(stage, address, `${reason}; ${advice}`, { cause });
}
