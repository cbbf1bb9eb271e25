// Narrows the list; what is typed and chosen goes into the address.
import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { type Filter, type Listing, SHORTCUTS, STATUSES } from "../../../address/listing";
import { datasetsQuery } from "../../../api/queries";
import { useShortcuts } from "../../../ui/useShortcuts";
import { Conditions } from "./Conditions";
import { FilterPill } from "./FilterPill";

const words = (shortcut: string): string => (shortcut === "none" ? "plain" : `option ${shortcut}`);

/** `children` stand at the end of the line. */
export function Filters({ listed, children }: { listed: Listing; children: ReactNode }) {
  const navigate = useNavigate({ from: "/" });
  const search = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => search.current?.focus() });
  const datasets = useQuery({ ...datasetsQuery, staleTime: 60_000 });
  const narrow = (change: Filter) => navigate({ search: { ...listed, ...change } });
  // One step of the history for all that is typed into a field, not one a letter.
  const type = (change: Filter, before: unknown) =>
    navigate({ search: { ...listed, ...change }, replace: before !== undefined });
  return (
    <Group gap="sm" role="search" aria-label="runs">
      <TextInput
        ref={search}
        type="search"
        aria-label="search runs"
        placeholder="Search name, notes, tags, id"
        value={listed.text ?? ""}
        // Back to the rows: in the field j and x are letters.
        onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
        onChange={({ target }) => type({ text: target.value || undefined }, listed.text)}
        style={{ flex: "1 1 200px", maxWidth: 320 }}
      />
      <NativeSelect
        aria-label="status"
        data={[{ value: "", label: "Any status" }, ...STATUSES]}
        value={listed.status ?? ""}
        onChange={({ target }) => narrow({ status: STATUSES.find((known) => known === target.value) })}
      />
      <NativeSelect
        aria-label="shortcut"
        data={[
          { value: "", label: "Any shortcut" },
          ...SHORTCUTS.map((value) => ({ value, label: words(value) })),
        ]}
        value={listed.shortcut ?? ""}
        onChange={({ target }) => narrow({ shortcut: SHORTCUTS.find((known) => known === target.value) })}
      />
      <NativeSelect
        aria-label="data set"
        data={[
          { value: "", label: "Any data set" },
          ...new Set([
            ...(datasets.data?.items.map(({ name }) => name) ?? []),
            ...(listed.dataset ? [listed.dataset] : []),
          ]),
        ]}
        value={listed.dataset ?? ""}
        onChange={({ target }) => narrow({ dataset: target.value || undefined })}
      />
      <TextInput
        aria-label="depth"
        placeholder="Depth"
        inputMode="numeric"
        w={80}
        value={listed.depth ?? ""}
        onChange={({ target }) =>
          type({ depth: Number.parseInt(target.value, 10) || undefined }, listed.depth)
        }
      />
      <Conditions
        conditions={listed.where ?? []}
        change={(where) => narrow({ where: where.length > 0 ? where : undefined })}
      />
      {(["tag", "project", "owner", "study"] as const).map(
        (name) =>
          listed[name] && (
            <FilterPill
              key={name}
              label={`${name} ${listed[name]}`}
              drop={() => narrow({ [name]: undefined })}
            />
          ),
      )}
      {children}
    </Group>
  );
}
