// The alert after a request that failed: the action that was not possible, and the API's message.
import { Alert } from "@mantine/core";

type Props = { title?: string; error: Error | null };

/** Nothing while there is no error. */
export function Refusal({ title, error }: Props) {
  return (
    error && (
      <Alert color="red" title={title}>
        {error.message}
      </Alert>
    )
  );
}
