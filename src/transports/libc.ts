/** The few calls of the C library that the runtime has no interface of its own for. */

/** By system; elsewhere there is none that we know (Windows). */
const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
};

const CALLS = {
  /** `sigaction(signal, act, oldact)` */
  sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
  /** `lseek(descriptor, offset, whence)` */
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
} as const;

export type Libc = Deno.DynamicLibrary<typeof CALLS>["symbols"];

/** What `use` makes of the library; undefined where it can't be had. */
export function withLibc<T>(use: (libc: Libc) => T): T | undefined {
  const name = LIBRARIES[Deno.build.os];
  if (name === undefined) return undefined;
  let library: Deno.DynamicLibrary<typeof CALLS>;
  try {
    library = Deno.dlopen(name, CALLS);
  } catch {
    return undefined; // Another C library (musl), or no right to call it.
  }
  try {
    return use(library.symbols);
  } finally {
    library.close();
  }
}
