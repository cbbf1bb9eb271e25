// The list of shortcuts, grouped by where they work.
import { Kbd, Modal, Table } from "@mantine/core";
import { SHORTCUTS } from "../ui/useShortcuts";

export function ShortcutsDialog({ close }: { close: () => void }) {
  const rows = Object.entries(SHORTCUTS);
  return (
    <Modal opened onClose={close} title="Keyboard shortcuts" closeButtonProps={{ "aria-label": "close" }}>
      <Table aria-label="keyboard shortcuts" verticalSpacing={4}>
        <Table.Tbody>
          {rows.map(([key, { where, does }], index) => (
            <Table.Tr key={key}>
              <Table.Td c="dimmed" fz="sm">
                {where !== rows[index - 1]?.[1].where && where}
              </Table.Td>
              <Table.Th style={{ whiteSpace: "nowrap" }}>
                <Kbd>{key}</Kbd>
              </Table.Th>
              <Table.Td fz="sm">{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
