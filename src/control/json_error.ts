/** Errors as toxiproxy's clients read them. */

/** `{"error":"…","status":N}` as `application/json`. */
export function jsonError(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ error, status }) + "\n";
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}
