// A filter that has no field of its own, with a button that removes it.
import { Pill } from "@mantine/core";

export function FilterPill({ label, drop }: { label: string; drop: () => void }) {
  return (
    <Pill
      withRemoveButton
      bg="light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-5))"
      onRemove={drop}
      removeButtonProps={{
        "aria-label": `remove the filter ${label}`,
        "aria-hidden": false,
        tabIndex: 0,
      }}
    >
      {label}
    </Pill>
  );
}
