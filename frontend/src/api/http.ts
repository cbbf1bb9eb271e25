// The one way to the service: the client, typed by its OpenAPI document, and what an answer or a refusal becomes.
import createClient from "openapi-fetch";
import { Problem, problemFrom } from "./problem";
import type { paths } from "./schema.gen";

/** Whether the service is there at all. */
export const answers = (): Promise<boolean> =>
  fetch("/healthz").then(
    ({ ok }) => ok,
    () => false,
  );

export const http = createClient<paths>({ baseUrl: location.origin });
type Answer<T> = { data?: T; error?: unknown; response: Response };
/** The body of a 2xx answer as JSON: the dashboard never asks for the text that some routes can also answer. */
export async function answerOf<T>(call: Promise<Answer<T>>): Promise<Exclude<T, string>> {
  const { data, error, response } = await call.catch(() => {
    throw away();
  });
  if (!response.ok) throw problemFrom(response.status, error);
  // `data` is absent only on a 204, whose type is undefined.
  return data as Exclude<T, string>;
}

export const away = () => new Problem(0, "The service doesn't answer.", "");

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
