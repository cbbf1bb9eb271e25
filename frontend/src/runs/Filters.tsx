// Narrows the list by status and text; what is typed goes into the address.
import { Group, Select, TextInput } from "@mantine/core";
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
    </Group>
  );
}
