/**
 * `T` with every field named, if only as undefined: what a mapping of options returns, so that one
 * of them left out doesn't compile.
 */
export type Complete<T> = { readonly [K in keyof Required<T>]: T[K] | undefined };
