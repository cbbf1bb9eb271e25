// A view's forms in one place: loading, error, and, once there is something to show, that.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed, Loading } from "./States";

type Asked<T> = Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "refetch">;

/** `what` in lower case: "tables" → "loading tables …", "The tables could not be shown". */
export function QueryView<T>({
  query,
  what,
  children,
}: {
  query: Asked<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed what={`The ${what}`} error={query.error} retry={() => query.refetch()} />;
  return <Loading what={what} />;
}
