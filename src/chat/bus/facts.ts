/**
 * What happens in a room, as its members' processes tell each other. Facts are applied in one order
 * by everybody, so that everybody comes to the same names.
 */

/** `PROCESS.NUMBER`: a member, and the process that it is connected to. */
export type MemberId = string;

export type Fact =
  /** Someone comes in and would like to be called `name`. */
  | { type: "join"; id: MemberId; name: string }
  /**
   * `from` is the speaker's name as its own process knew it; the order may have changed it since.
   */
  | { type: "leave"; id: MemberId; from: string; why?: string }
  | { type: "rename"; id: MemberId; from: string; name: string }
  | { type: "say" | "me"; id: MemberId; from: string; text: string }
  | { type: "msg"; id: MemberId; from: string; to: MemberId; name: string; text: string }
  /** All members of one process; whoever isn't listed has left. */
  | { type: "here"; process: string; members: readonly (readonly [id: MemberId, name: string])[] }
  /** A process that has not been heard of for too long: its members have left. */
  | { type: "gone"; process: string };

/** Whether a fact changes who is there, or under which name. */
export function concernsRoster({ type }: Fact): boolean {
  return type !== "say" && type !== "me" && type !== "msg";
}

/** The process that a member is connected to. */
export function processOf(id: MemberId): string {
  return id.slice(0, id.indexOf("."));
}
