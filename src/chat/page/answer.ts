/** Serves the chat's page over HTTP. */
import type { Answer } from "../../http/answer.ts";
import type { RequestHead } from "../../http/head.ts";
import { answerWithDocument } from "../../page/document.ts";
import * as built from "./built.ts";

/** The page for GET and HEAD, 304 if the ETag matches; else undefined. */
export function answerWithPage(head: RequestHead): Answer | undefined {
  return answerWithDocument(built, head);
}
