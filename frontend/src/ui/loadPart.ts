// Fetches a part of the dashboard's script, and waits where the service is away.
import { answers } from "../api/http";

const RETRY_MS = 2000;

/** Throws where the service answers and has no such part: it runs another version, which a reload brings. */
export async function loadPart<Part>(
  fetchPart: () => Promise<Part>,
  pauseMs: number = RETRY_MS,
): Promise<Part> {
  for (;;) {
    try {
      return await fetchPart();
    } catch (error) {
      if (await answers()) throw error;
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  }
}
