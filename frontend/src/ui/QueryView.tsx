// A query on the screen: "loading", an error, or, once there is data, the data.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState, LoadingState } from "./States";

type QueryState<T> = Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "refetch">;

/** `what` in lower case: "tables" → "loading tables …", "The tables could not be shown". */
export function QueryView<T>({
  query,
  what,
  children,
}: {
  query: QueryState<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error)
    return <ErrorState what={`The ${what}`} error={query.error} retry={() => query.refetch()} />;
  return <LoadingState what={what} />;
}
