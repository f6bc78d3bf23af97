/** Whom our connecting side trusts before anybody says `--ca`. */

/**
 * Trusts the system's certificate authorities beside Mozilla's, which the runtime takes by itself,
 * unless the user has chosen. The runtime reads this once, at the first TLS connection.
 */
export function trustSystem(): void {
  if (Deno.env.has("DENO_TLS_CA_STORE")) return;
  Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");
}
