/** The parts of a CycloneDX 1.6 document (ECMA-424) that coax's has. */

export interface Component {
  readonly type: "application" | "file" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly licenses?: readonly License[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** An SPDX identifier, or an expression of several. */
export type License =
  | { readonly license: { readonly id: string } }
  | { readonly expression: string };

export interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/** What a document says of a part of the program. */
export interface Inventory {
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
  /** What nothing else in the inventory depends on. */
  readonly roots: readonly string[];
}

/** A library with a package URL, which is its reference too. */
export function library(purl: string, fields: Omit<Component, "type" | "bom-ref" | "purl">) {
  return { type: "library", "bom-ref": purl, purl, ...fields } as const;
}

/** `MIT` → an identifier, `(MIT OR Apache-2.0)` → an expression. */
export function licenses(spdx: string): License[] {
  return /[ ()]/.test(spdx) ? [{ expression: spdx }] : [{ license: { id: spdx } }];
}
