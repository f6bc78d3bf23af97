/** Sizes that several parts of coax share. */

/**
 * Largest payload of a datagram: 65,535 less the headers of IPv4 and UDP (RFC 768, RFC 791), bytes.
 */
export const LARGEST_DATAGRAM = 65_507;

/** Largest Unix datagram, bytes; Linux sends at most `net.core.wmem_max`, 208 KiB by default. */
export const LARGEST_UNIX_DATAGRAM = 2 ** 20;

/** Default of the longest message that is received, bytes. */
export const MAX_MESSAGE = 16 * 2 ** 20;
