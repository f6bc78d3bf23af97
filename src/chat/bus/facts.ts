/**
 * What happens in a room, as processes exchange it. Every process applies all facts in one order,
 * so that all of them arrive at the same names.
 */

/** `PROCESS.NUMBER`: a member, and the process that it is connected to. */
export type MemberId = string;

export type Fact =
  /** A member joins and asks for the name `name`. */
  | { type: "join"; id: MemberId; name: string }
  /** `from`: the sender's name as its own process knew it; the order may have changed it since. */
  | { type: "leave"; id: MemberId; from: string; why?: string }
  | { type: "rename"; id: MemberId; from: string; name: string }
  | { type: "say" | "me"; id: MemberId; from: string; text: string }
  | { type: "msg"; id: MemberId; from: string; to: MemberId; name: string; text: string }
  /** All members of one process; whoever isn't listed has left. */
  | { type: "here"; process: string; members: readonly (readonly [id: MemberId, name: string])[] }
  /** A process has been silent for too long: its members have left. */
  | { type: "gone"; process: string };

/** Whether a fact changes the members or their names. */
export function concernsRoster({ type }: Fact): boolean {
  return type !== "say" && type !== "me" && type !== "msg";
}

/** The process that a member is connected to. */
export function processOf(id: MemberId): string {
  return id.slice(0, id.indexOf("."));
}
