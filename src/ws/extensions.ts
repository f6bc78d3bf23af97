/** `Sec-WebSocket-Extensions` as values (RFC 6455 §9.1). */
import { TOKEN, withoutBlanks } from "../http/head.ts";

/** An extension that is offered or accepted. */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

/** A parameter without a value has `true`. */
export type Parameter = readonly [name: string, value: string | true];

const WHOLE_TOKEN = new RegExp(`^${TOKEN}$`);
const PARAMETER = new RegExp(`^(${TOKEN})(?:=(?:(${TOKEN})|"([^"]*)"))?$`);

/** Parses the members of the field's list. Throws a plain `Error` for a malformed one. */
export function parseExtensions(members: readonly string[]): Extension[] {
  return members.map((member) => {
    const [name, ...parameters] = member.split(";").map(withoutBlanks);
    return { name: checkedToken(name!), parameters: parameters.map(parseParameter) };
  });
}

function parseParameter(text: string): Parameter {
  const [, name, value, quoted] = PARAMETER.exec(text) ?? [];
  // A quoted value has to be a token as well.
  const unquoted = quoted === undefined ? value : checkedToken(quoted.replaceAll(/\\(.)/g, "$1"));
  return [checkedToken(name ?? ""), unquoted ?? true];
}

function checkedToken(token: string): string {
  if (!WHOLE_TOKEN.test(token)) throw new Error("malformed Sec-WebSocket-Extensions");
  return token;
}
