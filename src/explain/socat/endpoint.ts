/** One of socat's two addresses, for coax: `address.ts` makes it, its options change it. */
export interface SocatEndpoint {
  readonly role: "stdio" | "connect" | "listen" | "child" | "echo" | "file";
  readonly keyword: string;
  /** coax's address, or a file's path; empty for an echo. */
  address: string;
  readonly options: string[];
  readonly notes: string[];
  fork: boolean;
  /** Lines that are sent to it end in CRLF. */
  crlf: boolean;
  /** A file is appended to. */
  append: boolean;
  /** A file is emptied before it is written. */
  truncate: boolean;
  /** It listens at every interface. */
  listensWide: boolean;
}
