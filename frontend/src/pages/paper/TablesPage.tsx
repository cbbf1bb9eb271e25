// The list of the paper's tables.
import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { citation } from "../../paper/cite";
import { tablesQuery } from "../../paper/queries";
import { QueryView } from "../../ui/QueryView";
import { TextLink } from "../../ui/TextLink";

export function TablesPage() {
  return (
    <QueryView query={useQuery(tablesQuery)} what="tables">
      {({ items }) => (
        <Table aria-label="tables of the paper" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Table</Table.Th>
              <Table.Th>Contents</Table.Th>
              <Table.Th>Trained here</Table.Th>
              <Table.Th visibleFrom="sm">Section</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map(({ number, title, section, training }) => (
              <Table.Tr key={number}>
                <Table.Td>{number}</Table.Td>
                <Table.Td>
                  <TextLink to="/paper/tables/$number" params={{ number }}>
                    {title}
                  </TextLink>
                </Table.Td>
                <Table.Td>{training}</Table.Td>
                <Table.Td visibleFrom="sm" c="dimmed">
                  {citation(section)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </QueryView>
  );
}
