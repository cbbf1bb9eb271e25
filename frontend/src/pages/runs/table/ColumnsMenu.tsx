// The menu of the table's columns: which ones are shown, in which order, and a reset, which includes their widths.
import { ActionIcon, Button, Checkbox, Group, Popover, ScrollArea, Text } from "@mantine/core";
import { moveColumn, toggleColumn } from "./choice";
import { type Column, DEFAULT } from "./columns";
import { useWidths } from "./widths";

type Props = { all: readonly Column[]; chosen: readonly string[]; choose: (chosen: string[]) => void };

export function ColumnsMenu({ all, chosen, choose }: Props) {
  const { reset } = useWidths();
  const restore = () => {
    choose(DEFAULT);
    reset();
  };
  const visible = chosen.flatMap((id) => all.find((column) => column.id === id) ?? []);
  const others = all.filter(({ id }) => !chosen.includes(id));
  return (
    <Popover position="bottom-end" withinPortal trapFocus>
      <Popover.Target>
        <Button variant="default" size="xs">
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="columns">
        <ScrollArea.Autosize mah={420} type="auto" viewportProps={{ tabIndex: 0 }}>
          {visible.map(({ id, title }) => (
            <Group key={id} gap={4} wrap="nowrap" mb={4} pr="sm">
              <Checkbox
                size="xs"
                label={title}
                checked
                onChange={() => choose(toggleColumn(chosen, id))}
                style={{ flex: 1 }}
              />
              <MoveButton to="left" title={title} act={() => choose(moveColumn(chosen, id, -1))} />
              <MoveButton to="right" title={title} act={() => choose(moveColumn(chosen, id, 1))} />
            </Group>
          ))}
          <Text size="xs" c="dimmed" my={4}>
            More columns
          </Text>
          {others.map(({ id, title }) => (
            <Checkbox
              key={id}
              size="xs"
              mb={6}
              label={title}
              checked={false}
              onChange={() => choose(toggleColumn(chosen, id))}
            />
          ))}
        </ScrollArea.Autosize>
        <Button variant="default" size="compact-xs" mt="xs" onClick={restore}>
          Reset columns
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

function MoveButton({ to, title, act }: { to: "left" | "right"; title: string; act: () => void }) {
  return (
    <ActionIcon
      size="sm"
      variant="subtle"
      color="gray"
      onClick={act}
      aria-label={`move ${title} to the ${to}`}
    >
      {to === "left" ? "↑" : "↓"}
    </ActionIcon>
  );
}
