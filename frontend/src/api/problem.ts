// What the API answers when it refuses a request: problem+json (RFC 9457), one entry for each field.

/** `field` is a dotted path into the body, such as "spec.depth"; "" means the whole request. */
export type FieldError = { field: string; message: string };

/** An answer that is not 2xx. `status` is 0 where no answer came. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fields: FieldError[] = [],
  ) {
    super(detail || title);
  }

  /** What the address names doesn't exist, or can't: the id is not a valid one. */
  get isNowhere(): boolean {
    return this.status === 404 || this.status === 422;
  }

  /** Nothing answered, or a proxy answered for an API that is away. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Reads the body of any answer with an error status, whether it is a problem document or not. */
export function problemFrom(status: number, body: unknown): Problem {
  if (!isRecord(body)) return new Problem(status, `The service answered with status ${status}.`, "");
  const errors = Array.isArray(body.errors) ? body.errors : [];
  return new Problem(status, text(body.title), text(body.detail), errors.filter(isRecord).map(fieldError));
}

/** A refusal's messages by field: { "spec.depth": "depth must be 6n+2 …" }; several messages on one field are joined. */
export function messagesByField(problem: Problem | undefined): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const { field, message } of problem?.fields ?? []) {
    messages[field] = messages[field] ? `${messages[field]} ${message}` : message;
  }
  return messages;
}

function fieldError(entry: Record<string, unknown>): FieldError {
  return { field: text(entry.field), message: text(entry.message) };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
