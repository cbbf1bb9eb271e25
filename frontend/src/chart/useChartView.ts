// Adds the paper's figure that a preset copies to a view; the API has its axes and lines.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { figuresQuery } from "../paper/queries";
import type { ChartView, View } from "./view";

export function useChartView<V extends View>(view: V): V & ChartView {
  const { data } = useQuery({ ...figuresQuery, enabled: view.preset !== undefined });
  return useMemo(() => {
    const printed = view.preset && data?.items.find(({ preset }) => preset === view.preset);
    return { ...view, printed };
  }, [view, data]);
}

/** Whether a figure can be drawn: a preset needs the paper's figure, which may still be on its way. */
export const hasForm = ({ preset, printed }: ChartView): boolean =>
  preset === undefined || printed !== undefined;
