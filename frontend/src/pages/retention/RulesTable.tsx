// The rules, one for each project that has one.
import { Button, Table } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Rule, removeRule } from "../../api/retention";
import { Refusal } from "../../ui/Refusal";
import { days } from "./words";

export function RulesTable({ rules }: { rules: readonly Rule[] }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: removeRule,
    onSettled: () => queries.invalidateQueries({ queryKey: ["retention"] }),
  });
  return (
    <>
      <Refusal error={remove.error} />
      <Table aria-label="rules" maw={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Project</Table.Th>
            <Table.Th>Checkpoints go after</Table.Th>
            <Table.Th>Other weights go after</Table.Th>
            <Table.Th>Archived after</Table.Th>
            <Table.Th visibleFrom="sm">Set by</Table.Th>
            <Table.Th ta="right">Action</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rules.map(({ project, checkpoints_days, weights_days, archive_days, owner }) => (
            <Table.Tr key={project}>
              <Table.Td>{project}</Table.Td>
              <Table.Td>{days(checkpoints_days)}</Table.Td>
              <Table.Td>{days(weights_days)}</Table.Td>
              <Table.Td>{days(archive_days)}</Table.Td>
              <Table.Td visibleFrom="sm">{owner}</Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => remove.mutate(project)}
                  aria-label={`remove the rule of ${project}`}
                >
                  Remove
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
