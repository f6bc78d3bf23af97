/** Why a request isn't served, as its answer says it. */

/** The answer's status, and its message as text for people. */
export class HttpError extends Error {
  /** @param headers Further fields of the answer: `WWW-Authenticate`. */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
