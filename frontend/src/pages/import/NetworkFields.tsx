// Which network and data the result is of: the three fields that must be declared.
import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "../../api/queries";
import type { Editing } from "./ImportPage";

const SHORTCUTS = [
  { value: "none", label: "none (plain)" },
  { value: "A", label: "A" },
  { value: "B", label: "B" },
  { value: "C", label: "C" },
];

export function NetworkFields({ draft: { network }, change }: Editing) {
  const datasets = useQuery(datasetsQuery);
  const set = (part: Partial<typeof network>) => change({ network: { ...network, ...part } });
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <Select
        label="Data set"
        data={datasets.data?.items.map(({ name }) => name) ?? []}
        value={network.dataset || null}
        onChange={(dataset) => set({ dataset: dataset ?? "" })}
        searchable
      />
      <TextInput
        label="Depth"
        inputMode="numeric"
        value={network.depth}
        onChange={({ currentTarget: { value } }) => set({ depth: value })}
      />
      <Select
        label="Shortcut"
        data={SHORTCUTS}
        value={network.shortcut || null}
        onChange={(shortcut) => set({ shortcut: shortcut ?? "" })}
      />
    </SimpleGrid>
  );
}
