// Narrows the list by status and text; what is typed goes into the address.
import { Group, Pill, Select, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type Filter, STATUSES } from "./filter";

export function Filters({ filter }: { filter: Filter }) {
  const navigate = useNavigate({ from: "/" });
  const narrow = (change: Filter) => navigate({ search: { ...filter, ...change }, replace: true });
  return (
    <Group gap="sm">
      <TextInput
        type="search"
        aria-label="search runs"
        placeholder="Search name, notes, tags, id"
        value={filter.text ?? ""}
        onChange={(event) => narrow({ text: event.currentTarget.value || undefined })}
        style={{ flex: "1 1 200px", maxWidth: 360 }}
      />
      <Select
        aria-label="status"
        placeholder="Any status"
        data={STATUSES}
        value={filter.status ?? null}
        onChange={(status) => narrow({ status: STATUSES.find((known) => known === status) })}
        allowDeselect={false}
        clearable
        w={150}
      />
      {filter.depth !== undefined && (
        <Chosen label={`${filter.depth} layers`} drop={() => narrow({ depth: undefined })} />
      )}
      {filter.shortcut && (
        <Chosen
          label={filter.shortcut === "none" ? "plain" : `option ${filter.shortcut}`}
          drop={() => narrow({ shortcut: undefined })}
        />
      )}
      {filter.dataset && <Chosen label={filter.dataset} drop={() => narrow({ dataset: undefined })} />}
    </Group>
  );
}

/** A filter that a link brought along, and the way to be rid of it. */
function Chosen({ label, drop }: { label: string; drop: () => void }) {
  return (
    <Pill withRemoveButton onRemove={drop} removeButtonProps={{ "aria-label": `drop the filter ${label}` }}>
      {label}
    </Pill>
  );
}
