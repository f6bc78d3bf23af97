/** Reads server-sent events (HTML §9.2) as far as the control writes them. */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Splits a stream's text into events, however it was cut. */
export class EventStreamParser {
  #rest = "";

  /** The events that are complete with `text`. */
  push(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop()!;
    return blocks.map(parseBlock);
  }
}

function parseBlock(block: string): ServerEvent {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    else if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  return { event, data: data.join("\n") };
}
