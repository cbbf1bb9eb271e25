// Paths into a specification, such as "warmup.lr": its value there, and the API's message about it.

/** The value at a path: "warmup.lr" → 0.01; undefined if there is no warm-up. */
export function partOf(whole: Record<string, unknown>, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (part, name) =>
      // JSON objects have only string keys.
      typeof part === "object" && part !== null ? (part as Record<string, unknown>)[name] : undefined,
    whole,
  );
}

/** A copy in which the path has the value: "roi.size", 7 → { roi: { size: 7 } }. */
export function withPart(
  whole: Record<string, unknown>,
  path: string,
  value: unknown,
): Record<string, unknown> {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...whole, [name]: value };
  const inner = partOf(whole, name);
  const part = typeof inner === "object" && inner !== null ? { ...inner } : {};
  return { ...whole, [name]: withPart(part, rest.join("."), value) };
}

/** The message about a field or, if it is asked for, about a part of it: spec.schedule.at, spec.schedule.at.0. */
export function messageAt(
  field: string,
  errors: Record<string, string>,
  isWhole: boolean,
): string | undefined {
  const isInside = (path: string) => isWhole && path.startsWith(`${field}.`);
  return Object.entries(errors).find(([path]) => path === field || isInside(path))?.[1];
}
