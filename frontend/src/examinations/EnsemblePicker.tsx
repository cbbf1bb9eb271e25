// The field for the other runs of an ensemble: a search among succeeded runs on the same data set.
import { MultiSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Run } from "../api/types";
import { companionsQuery, runNamesQuery } from "./queries";

// The API's limit; the paper's ensemble has six models (Table 5).
const MOST = 19;
const SEARCH_MS = 300;

type Props = { run: Run; value: readonly string[]; onChange: (runs: string[]) => void };

export function EnsemblePicker({ run, value, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const [text] = useDebouncedValue(search.trim(), SEARCH_MS);
  const matches = useQuery({ ...companionsQuery(run, text), enabled: isOpen });
  const members = useQuery(runNamesQuery(value)).data ?? [];
  const options = [...members, ...(matches.data ?? [])];
  const names = new Map(options.map(({ id, name }) => [id, name]));
  const message = matches.isPending
    ? "Searching …"
    : `No ${text ? "matching" : "other"} run on this data set has succeeded.`;
  return (
    <MultiSelect
      size="xs"
      label="Ensemble with"
      description="Optional. The softmax outputs of all runs are averaged, as in Table 5."
      placeholder={value.length === 0 ? "Search runs by name, tag or notes" : ""}
      data={[...names].map(([id, name]) => ({ value: id, label: `${name} …${id.slice(-4)}` }))}
      value={[...value]}
      onChange={onChange}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options} // the server filters
      hidePickedOptions
      maxValues={MOST}
      nothingFoundMessage={message}
      comboboxProps={{ withinPortal: false }}
      style={{ flexBasis: "100%" }}
    />
  );
}
