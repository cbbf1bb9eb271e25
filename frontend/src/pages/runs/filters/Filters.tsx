// The filters of the list, which the address holds.
import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { type Filter, type Listing, SHORTCUTS, STATUSES } from "../../../address/listing";
import { datasetsQuery } from "../../../api/queries";
import { useShortcuts } from "../../../ui/useShortcuts";
import { Conditions } from "./Conditions";
import { FilterPill } from "./FilterPill";

const shortcutText = (shortcut: string): string => (shortcut === "none" ? "plain" : `option ${shortcut}`);

/** `children` come at the end of the line. */
export function Filters({ listing, children }: { listing: Listing; children: ReactNode }) {
  const navigate = useNavigate({ from: "/" });
  const search = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => search.current?.focus() });
  const datasets = useQuery({ ...datasetsQuery, staleTime: 60_000 });
  const narrow = (change: Filter) => navigate({ search: { ...listing, ...change } });
  // One step in the browser's history for a whole typed text, not one for each letter.
  const type = (change: Filter, before: unknown) =>
    navigate({ search: { ...listing, ...change }, replace: before !== undefined });
  return (
    <Group gap="xs" role="search" aria-label="runs">
      <TextInput
        ref={search}
        size="xs"
        type="search"
        aria-label="search runs"
        placeholder="Search name, notes, tags, id"
        value={listing.text ?? ""}
        // Enter leaves the field, in which the keys j and x are letters.
        onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
        onChange={({ target }) => type({ text: target.value || undefined }, listing.text)}
        style={{ flex: "1 1 200px", maxWidth: 320 }}
      />
      <NativeSelect
        size="xs"
        aria-label="status"
        data={[{ value: "", label: "Any status" }, ...STATUSES, "archived"]}
        value={listing.archived ? "archived" : (listing.status ?? "")}
        onChange={({ target: { value } }) =>
          narrow({
            status: STATUSES.find((choice) => choice === value),
            archived: value === "archived" || undefined,
          })
        }
      />
      <NativeSelect
        size="xs"
        aria-label="shortcut"
        data={[
          { value: "", label: "Any shortcut" },
          ...SHORTCUTS.map((value) => ({ value, label: shortcutText(value) })),
        ]}
        value={listing.shortcut ?? ""}
        onChange={({ target }) => narrow({ shortcut: SHORTCUTS.find((choice) => choice === target.value) })}
      />
      <NativeSelect
        size="xs"
        aria-label="data set"
        data={[
          { value: "", label: "Any data set" },
          ...new Set([
            ...(datasets.data?.items.map(({ name }) => name) ?? []),
            ...(listing.dataset ? [listing.dataset] : []),
          ]),
        ]}
        value={listing.dataset ?? ""}
        onChange={({ target }) => narrow({ dataset: target.value || undefined })}
      />
      <TextInput
        aria-label="depth"
        placeholder="Depth"
        size="xs"
        inputMode="numeric"
        w={80}
        value={listing.depth ?? ""}
        onChange={({ target }) =>
          type({ depth: Number.parseInt(target.value, 10) || undefined }, listing.depth)
        }
      />
      <Conditions
        conditions={listing.where ?? []}
        change={(where) => narrow({ where: where.length > 0 ? where : undefined })}
      />
      {(["tag", "project", "owner", "study"] as const).map(
        (name) =>
          listing[name] && (
            <FilterPill
              key={name}
              label={`${name} ${listing[name]}`}
              drop={() => narrow({ [name]: undefined })}
            />
          ),
      )}
      {children}
    </Group>
  );
}
