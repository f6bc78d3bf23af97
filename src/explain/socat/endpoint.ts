/** What an address of socat comes to: `address.ts` makes it, its options change it. */

/** What stands at one end of a socat. */
export interface SocatEndpoint {
  readonly role: "stdio" | "connect" | "listen" | "child" | "echo" | "file";
  readonly keyword: string;
  /** coax's address, or a file's path; empty for an echo, which coax needs none for. */
  address: string;
  readonly options: string[];
  readonly notes: string[];
  fork: boolean;
  /** What is sent there has CRLF at the end of a line. */
  crlf: boolean;
  /** A file is written behind what it has. */
  append: boolean;
  /** A file that is written is empty before. */
  truncate: boolean;
  listensWide: boolean;
}
