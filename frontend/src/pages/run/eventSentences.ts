// A run's events as sentences: what changed, who changed it, and why.
import type { Event } from "../../api/types";
import { pluralize } from "../../units";

/** "claimed by local-1 on cpu, from iteration 200" */
export function sentenceOf({ kind, actor, body }: Event): string {
  const message = typeof body.message === "string" && body.message ? `: ${body.message}` : "";
  switch (kind) {
    case "created":
      return `created by ${actor}`;
    case "imported":
      return `imported by ${actor} from ${body.file}`;
    case "changed":
      return message.slice(2) || `${Object.keys(body).join(", ")} changed by ${actor}`;
    case "cancel_requested":
      return `cancellation requested by ${actor}`;
    case "pause_requested":
      return `pause requested by ${actor}`;
    case "resumed":
      return `resumed by ${actor}`;
    case "claimed":
      return `claimed by ${body.worker} on ${body.device}${from(body.resumed_from)}`;
    case "started":
      return `training on ${body.device} with ${pluralize(Number(body.threads), "thread")}${from(body.resumed_from)}${source(body.source)}`;
    case "returned":
      return `returned to the queue${message}`;
    case "lease_expired":
      return `lease expired, returned to the queue${message}`;
    case "failed":
      return `failed${message}`;
    case "warned":
      return `warning${message}`;
    default:
      return `${kind.replaceAll("_", " ")}${message}`;
  }
}

// The first 12 digits of the SHA-256 of the trainer's source; earlier versions did not record it.
function source(digest: unknown): string {
  return typeof digest === "string" ? `, trainer source ${digest.slice(0, 12)}` : "";
}

function from(iteration: unknown): string {
  return typeof iteration === "number" && iteration > 0 ? `, from iteration ${iteration}` : "";
}
