// The audit trail: the newest entries that you may see, searched by person, action and what was changed.
import { Badge, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type AuditEntry, type AuditSearch, listAudit } from "../../api/access";
import { QueryView } from "../../ui/QueryView";
import { Section } from "../../ui/Section";
import { moment } from "../../units";

const FIELDS = { person: "Person", action: "Action", subject: "What (the start of its path)" } as const;

export function Audit() {
  const [search, setSearch] = useState<AuditSearch>({});
  const query = useInfiniteQuery({
    queryKey: ["audit", search],
    queryFn: ({ pageParam }) => listAudit({ ...search, ...(pageParam && { cursor: pageParam }) }),
    initialPageParam: 0,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  return (
    <Section title="Audit trail">
      <Group align="end" mb="sm">
        {Object.entries(FIELDS).map(([name, label]) => (
          <TextInput
            key={name}
            label={label}
            value={search[name as keyof typeof FIELDS] ?? ""}
            onChange={({ currentTarget: { value } }) =>
              setSearch(({ [name as keyof typeof FIELDS]: _, ...rest }) => ({
                ...rest,
                ...(value && { [name]: value }),
              }))
            }
          />
        ))}
      </Group>
      <QueryView query={query} what="audit trail">
        {({ pages }) => (
          <Stack gap="xs">
            <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
              <Table aria-label="audit trail">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>When</Table.Th>
                    <Table.Th>Who</Table.Th>
                    <Table.Th>What</Table.Th>
                    <Table.Th visibleFrom="sm">From</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {pages.flatMap(({ items }) => items.map((entry) => <Row key={entry.id} entry={entry} />))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            {query.hasNextPage && (
              <Button variant="default" w="fit-content" onClick={() => query.fetchNextPage()}>
                Show earlier entries
              </Button>
            )}
          </Stack>
        )}
      </QueryView>
    </Section>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  return (
    <Table.Tr>
      <Table.Td miw={{ base: 90, sm: 165 }}>{moment(entry.at)}</Table.Td>
      <Table.Td>{entry.person ?? "somebody unknown"}</Table.Td>
      <Table.Td>
        {entry.action.replaceAll("_", " ")}
        {entry.status >= 300 && (
          <Badge size="xs" color="red" ml="xs">
            refused
          </Badge>
        )}
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {entry.subject}
          {entry.detail && ` ${JSON.stringify(entry.detail)}`}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{entry.address}</Table.Td>
    </Table.Tr>
  );
}
