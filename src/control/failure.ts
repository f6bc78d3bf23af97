/** What a failure is answered: an `HttpError` as it is, a proxy that can't be started with 500. */
import { parseAddress } from "../address/address.ts";
import { CoaxError } from "../core/errors.ts";
import { HttpError } from "../http/http_error.ts";
import { listenFailure } from "./addresses.ts";

/** The answer to an error. Throws it again where it is a fault of coax's own. */
export function errorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (!(error instanceof CoaxError)) throw error;
  const { stage, address, message } = error;
  return new HttpError(
    500,
    stage === "listen" ? listenFailure(parseAddress(address), error) : message,
  );
}
