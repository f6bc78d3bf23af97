/** Free ports that pictures show under fixed names. */

/** Ports of programs, which a system may not choose: two that run at once would differ. */
const [LOWEST, HIGHEST] = [2000, 9999];

/** The port of an address. */
const ADDRESS = /(?<=:)\d{4}\b/g;

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

  /** A text with the ports' names in its addresses. */
  named(text: string): string {
    return text.replaceAll(ADDRESS, (port) => this.#names.get(port) ?? port);
  }

  /** A program for pages, which shows the names there as long as the page lives. */
  get script(): string {
    return `
      const names = new Map(${JSON.stringify([...this])});
      const show = (node) => {
        const named = node.data?.replaceAll(${ADDRESS}, (port) => names.get(port) ?? port);
        if (named !== undefined && named !== node.data) node.data = named;
        node.childNodes.forEach(show);
      };
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) [target, ...addedNodes].forEach(show);
      }).observe(document, { subtree: true, childList: true, characterData: true });
    `;
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
