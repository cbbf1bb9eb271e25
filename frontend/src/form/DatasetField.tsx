// The choice of a data set, in both forms: those that the form's task can use.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "../api/queries";
import type { Dataset } from "../api/types";
import { type Editing, inputProps } from "./inputs";

type Props = {
  editing: Editing;
  /** "data set" or "data set with boxes". */
  noun: string;
  isUsable: (dataset: Dataset) => boolean;
  choose: (name: string | null) => void;
};

export function DatasetField({ editing, noun, isUsable, choose }: Props) {
  const datasets = useQuery(datasetsQuery);
  const names = datasets.data?.items.filter(isUsable).map(({ name }) => name) ?? [];
  const dataset = typeof editing.draft.dataset === "string" ? editing.draft.dataset : undefined;
  // The service looks the name up only when all other fields are valid, and a Select hides a value it doesn't offer.
  const isUnknown = datasets.data && dataset !== undefined && !names.includes(dataset);
  const { error = isUnknown && `There is no ${noun} named ${dataset}. Choose one from the list.`, ...props } =
    inputProps("dataset", editing);
  return (
    <Select
      {...props}
      error={error}
      label="Data set"
      placeholder={`Choose a ${noun}`}
      data={names}
      value={dataset ?? null}
      onChange={choose}
      allowDeselect={false}
      searchable
    />
  );
}
