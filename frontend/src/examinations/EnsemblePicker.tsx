// The field for the other runs of an ensemble: a search among succeeded runs on the same data set.
import { MultiSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Run } from "../api/client";
import { companionsQuery, runNamesQuery } from "./queries";

// The API's limit; the paper's ensemble has six models (Table 5).
const MOST = 19;
const SEARCH_MS = 300;

type Props = { run: Run; value: readonly string[]; onChange: (runs: string[]) => void };

export function EnsemblePicker({ run, value, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), SEARCH_MS);
  const matches = useQuery({ ...companionsQuery(run, text), enabled: isOpen });
  const chosen = useQuery(runNamesQuery(value)).data ?? [];
  const offered = [...chosen, ...(matches.data ?? [])];
  const names = new Map(offered.map(({ id, name }) => [id, name]));
  const emptyMessage =
    text || value.length === 0 ? "No other run on this data set has succeeded." : undefined;
  const message = matches.isPending ? "Searching …" : emptyMessage;
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
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options} // the server has searched
      hidePickedOptions
      maxValues={MOST}
      nothingFoundMessage={message}
      comboboxProps={{ withinPortal: false }}
      style={{ flexBasis: "100%" }}
    />
  );
}
