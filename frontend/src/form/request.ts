// What both forms do with a draft: wait until the reader stops typing, send it, and show what the service refuses.
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messagesByField, Problem } from "../api/problem";
import { useKey } from "../api/useKey";

// Long enough that typing 64000 sends one or two requests for a plan, not five.
const TYPING_MS = 250;

/** The draft as it was when the reader last stopped typing. */
export function useSettled<Draft>(draft: Draft): Draft {
  const [settled] = useDebouncedValue(draft, TYPING_MS);
  return settled;
}

type Submission<Body> = {
  create: (body: Body, idempotencyKey: string) => Promise<{ id: string }>;
  /** The list that has a new entry then. */
  list: "runs" | "studies";
  open: (id: string) => Promise<void>;
};

/** Sends the body, and opens the page of what was created. A second click creates nothing twice. */
export function useSubmit<Body>(body: Body, { create, list, open }: Submission<Body>) {
  const queries = useQueryClient();
  const key = useKey(body);
  return useMutation({
    mutationFn: () => create(body, key),
    onSuccess: ({ id }) => {
      queries.invalidateQueries({ queryKey: [list] });
      return open(id);
    },
  });
}

/** The messages by field of the first of these errors that is a refusal. */
export function fieldMessages(...errors: (Error | null)[]): Record<string, string> {
  const refusal = errors.find((error) => error instanceof Problem && error.status === 422);
  return refusal instanceof Problem ? messagesByField(refusal) : {};
}
