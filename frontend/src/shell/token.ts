// The token in the address that `reslab up` prints. A fragment is never sent to the service, so it is in no log.
import { openSession } from "../api/service";

const PREFIX = "#token=";

/** Takes the token out of the address, which a bookmark or a screenshot would keep. */
export function takeToken(): string | undefined {
  if (!location.hash.startsWith(PREFIX)) return undefined;
  const token = decodeURIComponent(location.hash.slice(PREFIX.length));
  history.replaceState(null, "", location.pathname);
  return token;
}

/** Opens a session for it, or says on the login page that the service doesn't know it. */
export async function openSessionWith(token: string) {
  try {
    return await openSession(token);
  } catch (error) {
    history.replaceState(null, "", `${location.pathname}#unknown-token`);
    throw error;
  }
}
