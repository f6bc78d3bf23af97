/**
 * Makes every test fail that leaves operations or resources behind. `deno test` preloads this
 * module: since Deno 2.9 its sanitizers are off by default, and Deno 2.7, where they are on, knows
 * neither the call nor an option for it.
 */
const test = Deno.test as typeof Deno.test & {
  sanitizer?(options: { ops: boolean; resources: boolean }): void;
};
test.sanitizer?.({ ops: true, resources: true });
