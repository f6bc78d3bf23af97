/** Faults for testing: what they are, and what they do to connections. */
export { attributeNames, attributesOf, TOXIC_TYPES } from "./attributes.ts";
export type { Emit } from "./chain.ts";
export { faultLogger } from "./log.ts";
export { needOf } from "./needs.ts";
export { type Attributes, type Stream, STREAMS, ToxicError } from "./toxic.ts";
export type { ToxicSpec, ToxicType } from "./toxic.ts";
export { Toxics } from "./toxics.ts";
