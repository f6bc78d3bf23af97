/** Secrets on the command line, which a process list shows: `@FILE` keeps them off it. */
import { UsageError } from "../core/errors.ts";
import type { ClientLogin } from "../proxy/client_login.ts";
import { reasonOfSystem } from "../transports/system_reason.ts";
import { readWhole } from "../transports/fifo.ts";

/** A token as `Authorization: Bearer` can carry it (RFC 6750 §2.1, and any visible ASCII). */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * The token that an option's text is, or that the file has which `@FILE` names, without its last
 * newline. Rejects with a `UsageError`, which never holds the token.
 */
export async function tokenOf(option: string, text: string): Promise<string> {
  return await secretText(option, text, checked);
}

/** The secret of a gate, as `tokenOf`; any text but an empty one, or one of several lines. */
export async function gateSecretOf(text: string): Promise<string> {
  return await secretText("--secret", text, (subject, secret) => {
    if (secret !== "" && !/[\r\n]/.test(secret)) return secret;
    throw new UsageError(subject, "expected a secret of one line, which isn't empty");
  });
}

/** The login of `--auth`, as `tokenOf`. */
export async function clientLoginOf(text: string): Promise<ClientLogin> {
  const { ClientLogin } = await import("../proxy/client_login.ts");
  let login: ClientLogin | undefined;
  await secretText("--auth", text, (subject, secret) => {
    login = ClientLogin.parse(secret);
    if (login) return secret;
    const expected = "expected USER:PASSWORD, each of 1 to 255 bytes, without control characters";
    // An argument that is no login may still be a secret.
    throw new UsageError(subject, expected);
  });
  return login!;
}

async function secretText(
  option: string,
  text: string,
  checked: (subject: string, secret: string) => string,
): Promise<string> {
  if (!text.startsWith("@")) return checked(option, text);
  const path = text.slice(1);
  const subject = `${option} ${text}`;
  const content = await readWhole(path).catch((error) => {
    throw new UsageError(subject, `can't be read: ${reasonOfSystem(error as Error)}`);
  });
  return checked(subject, decoded(subject, content).replace(/\r?\n$/, ""));
}

/** Another byte in the place of one that is no UTF-8 would be the same secret. */
function decoded(subject: string, content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new UsageError(subject, "expected a text in UTF-8; base64 makes one of random bytes");
  }
}

/** `tokenOf`, or undefined without the option. */
export async function statedToken(
  option: string,
  text: string | undefined,
): Promise<string | undefined> {
  return text === undefined ? undefined : await tokenOf(option, text);
}

function checked(subject: string, token: string): string {
  if (TOKEN.test(token)) return token;
  const expected = "expected a token of visible ASCII characters, without spaces";
  throw new UsageError(subject, token === "" ? `${expected}; it is empty` : expected);
}
