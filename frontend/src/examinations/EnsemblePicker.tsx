// The other runs of an ensemble: found by a search among those that have succeeded on the same data set.
import { MultiSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Run } from "../api/client";
import { companionsQuery, namedQuery } from "./queries";

// The API takes no more; the paper's own ensemble has six (Table 5).
const MOST = 19;
const SEARCH_MS = 300;

type Props = { run: Run; value: readonly string[]; onChange: (runs: string[]) => void };

export function EnsemblePicker({ run, value, onChange }: Props) {
  const [isWanted, setWanted] = useState(false);
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), SEARCH_MS);
  const found = useQuery({ ...companionsQuery(run, text), enabled: isWanted });
  const chosen = useQuery(namedQuery(value)).data ?? [];
  const offered = [...chosen, ...(found.data ?? [])];
  const names = new Map(offered.map(({ id, name }) => [id, name]));
  const none = text || value.length === 0 ? "no other run of this data set that has succeeded" : undefined;
  const nothing = found.isPending ? "searching …" : none;
  return (
    <MultiSelect
      size="xs"
      label="Together with"
      description="Other runs of this data set: the softmax of all is averaged, as in Table 5."
      placeholder={value.length === 0 ? "no other run; search by name, tag or notes" : ""}
      data={[...names].map(([id, name]) => ({ value: id, label: `${name} …${id.slice(-4)}` }))}
      value={[...value]}
      onChange={onChange}
      onDropdownOpen={() => setWanted(true)}
      onDropdownClose={() => setWanted(false)}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options} // the server has searched
      hidePickedOptions
      maxValues={MOST}
      nothingFoundMessage={nothing}
      comboboxProps={{ withinPortal: false }}
      style={{ flexBasis: "100%" }}
    />
  );
}
