/** The formats of `GET /recording`: each event as it comes, in bytes. */
import { formatEvent, type RecordedEvent, type TimedStep } from "../record/event.ts";
import { GrowingPcap } from "../record/pcap.ts";

export interface RecordingFormat {
  readonly contentType: string;
  /** What comes before all events. */
  readonly header?: Uint8Array;
  /** Says nothing, so that it may be sent at any time. */
  readonly nothing?: Uint8Array;
  format(event: RecordedEvent, before: readonly TimedStep[]): Uint8Array;
}

/** @param begin When the recording began, milliseconds since the beginning of 1970. */
export type FormatMaker = (begin: number) => RecordingFormat;

const encoder = new TextEncoder();

/** The formats by the name that `?format=` has for them. */
export const RECORDING_FORMATS = { jsonl, pcap } satisfies Record<string, FormatMaker>;

/** Lines, as `--record` writes them. */
function jsonl(): RecordingFormat {
  return {
    contentType: "application/jsonl",
    nothing: encoder.encode("\n"),
    format: (event, before) => encoder.encode(formatEvent(event, before)),
  };
}

/** A capture for Wireshark. */
function pcap(begin: number): RecordingFormat {
  const growing = new GrowingPcap(begin / 1000);
  return {
    contentType: "application/vnd.tcpdump.pcap",
    header: growing.header,
    format: (event) => growing.records(event),
  };
}
