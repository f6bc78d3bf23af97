/** Free ports that pictures show under fixed names. */

/** Ports of programs, which a system may not choose: two that run at once would differ. */
const [LOWEST, HIGHEST] = [2000, 9999];

export class Ports {
  readonly #names = new Map<string, string>();

  /** A free TCP port that pictures show as `name`, which has four digits too. */
  take(name: string): string {
    for (;;) {
      const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
      if (this.#names.has(`${port}`) || !isFree(port)) continue;
      this.#names.set(`${port}`, name);
      return `${port}`;
    }
  }

  /** Names by ports. */
  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#names.entries();
  }

  /** A recording with the ports' names in its addresses. */
  named(recording: string): string {
    return [...this].reduce(
      (text, [port, name]) => text.replaceAll(new RegExp(`:${port}(?!\\d)`, "g"), `:${name}`),
      recording,
    );
  }
}

/** Whether nobody listens there, on IPv4 or IPv6. */
function isFree(port: number): boolean {
  try {
    for (const hostname of ["127.0.0.1", "::1"]) Deno.listen({ hostname, port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
