/** Options of `coax control`, and those with which a relay has a control of its own. */
import { custom, defaultTo, group, toggle } from "../flags/flag.ts";
import { path, text } from "../flags/kinds.ts";
import { needing } from "../flags/needs.ts";
import * as needs from "../options/needs.ts";

const HEADING = "Control";

const token = text("who asks must have this token (Authorization: Bearer); @FILE has it", {
  value: "TEXT|@FILE",
  file: "@read",
});

const open = toggle("open the panel, the control's page, in a browser");

/** Options of `coax control`. */
export const controlFlags = group(HEADING, {
  config: path("begin with the proxies of this file, JSON as /populate takes it", {
    file: "read",
    value: "FILE",
  }),
  token,
  open,
});

function named(text: string): string {
  if (text === "") throw new Error("expected a name");
  return text;
}

/** Options of a relay that has a control of its own. */
export const relayControlFlags = group(HEADING, {
  ...needing(needs.listening, {
    control: text("let it be watched and changed over HTTP at this address", {
      value: "ADDRESS",
    }),
    panel: toggle("the same at a free port of this machine: its URL is a page for browsers"),
  }),
  ...needing(needs.controlled, {
    name: defaultTo(custom("what --control calls this relay", named, { value: "NAME" }), "relay"),
    token,
    open,
  }),
});
