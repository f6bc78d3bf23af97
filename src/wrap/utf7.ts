/**
 * UTF-7 in pieces (RFC 2152, and RFC 3501 §5.1.3 for mailboxes): iconv-lite takes a `-` that begins
 * a piece for an empty shift, which stands for the `+` before it, and so adds a `+` that nobody sent.
 */
import { concat } from "../core/bytes.ts";
import type { Decoding } from "./coding.ts";

/** How base64 begins, and what it is made of. */
interface Shift {
  readonly start: number;
  readonly digits: RegExp;
}

const UTF7: Shift = { start: "+".charCodeAt(0), digits: /[A-Za-z0-9+/]/ };
const MAILBOX: Shift = { start: "&".charCodeAt(0), digits: /[A-Za-z0-9+,]/ };

/** How the encoding of that name shifts, if it is a UTF-7. */
export function shiftOf(name: string): Shift | undefined {
  if (/^utf-?7-?imap$/i.test(name)) return MAILBOX;
  return /utf-?7$/i.test(name) ? UTF7 : undefined;
}

/** The same decoding, given no piece that begins with the end of a shift: what comes before waits. */
export function unbroken(decoding: Decoding, { start, digits }: Shift): Decoding {
  let shifted = false;
  let held = new Uint8Array();
  return {
    write(bytes) {
      for (const byte of bytes) {
        shifted = shifted ? digits.test(String.fromCharCode(byte)) : byte === start;
      }
      const all = concat([held, bytes]);
      const ready = shifted ? all.length - 1 : all.length;
      held = all.slice(ready);
      return decoding.write(all.subarray(0, ready));
    },
    end() {
      const text = decoding.write(held);
      held = new Uint8Array();
      return text + decoding.end();
    },
  };
}
