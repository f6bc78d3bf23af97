/** A topic of `coax help TOPIC` and the man page. */
import type { Row } from "../layout.ts";

export interface Section {
  readonly heading?: string;
  readonly text?: string;
  /** Terms and meanings. */
  readonly rows?: readonly Row[];
  /** Command lines, and what they do. */
  readonly lines?: readonly Row[];
}

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly sections: readonly Section[];
}
