// The life of a draft in both forms: it is planned when you stop typing, submitted, and gets the service's messages.
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messagesByField, Problem } from "../api/problem";
import { useKey } from "../api/useKey";

// Long enough that typing 64000 sends one or two requests for a plan, not five.
const TYPING_MS = 250;

/** The draft as it was when you last stopped typing. */
export function useSettled<Draft>(draft: Draft): Draft {
  const [settled] = useDebouncedValue(draft, TYPING_MS);
  return settled;
}

type Submission<Body> = {
  create: (body: Body, idempotencyKey: string) => Promise<{ id: string }>;
  /** The list that gets the new entry. */
  list: "runs" | "studies";
  open: (id: string) => Promise<void>;
};

/** Sends the body and opens the new page. A second click creates nothing. */
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

/** The messages by field of the first refusal among these errors. */
export function fieldMessages(...errors: (Error | null)[]): Record<string, string> {
  const refusal = errors.find((error) => error instanceof Problem && error.status === 422);
  return refusal instanceof Problem ? messagesByField(refusal) : {};
}
