/** Where a Unix socket is bound or connected. */
export interface UnixAddress {
  /** A path, or an abstract name, which begins with a NUL. */
  readonly path: string;
  /** The address as the user wrote it, for messages. */
  readonly text: string;
}
