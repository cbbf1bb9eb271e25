// Fetches a part of the dashboard when it is first looked at; while the service is away, it is waited for.
import { answers } from "../api/client";

const ASK_AGAIN_MS = 2000;

/** Fails where the service answers and has no such part: another version of it, which a reload brings. */
export async function loadPart<Part>(
  fetched: () => Promise<Part>,
  pauseMs: number = ASK_AGAIN_MS,
): Promise<Part> {
  for (;;) {
    try {
      return await fetched();
    } catch (error) {
      if (await answers()) throw error;
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  }
}
