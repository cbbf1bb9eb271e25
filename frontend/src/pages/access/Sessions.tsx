// The browsers that are signed in, each with a button that signs it out.
import { Badge, Button, Table, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { endSession, listSessions } from "../../api/access";
import { QueryView } from "../../ui/QueryView";
import { Refusal } from "../../ui/Refusal";
import { Section } from "../../ui/Section";
import { ago, moment } from "../../units";

const sessionsQuery = queryOptions({ queryKey: ["sessions"], queryFn: listSessions });

export function Sessions() {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: endSession,
    onSettled: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <Section title="Browsers">
      <Refusal error={end.error} />
      <QueryView query={useQuery(sessionsQuery)} what="browsers">
        {({ items }) => (
          <Table.ScrollContainer minWidth={340} type="native" tabIndex={0}>
            <Table aria-label="browsers">
              <Table.Tbody>
                {items.map((session) => (
                  <Table.Tr key={session.id}>
                    <Table.Td>
                      {session.owner}
                      {session.is_this && (
                        <Badge size="xs" ml="xs">
                          this one
                        </Badge>
                      )}
                      <Text size="xs" c="dimmed" maw={520}>
                        {session.name}
                      </Text>
                      <Text hiddenFrom="sm" size="xs">
                        last used {ago(session.last_used_at, Date.now())}
                      </Text>
                    </Table.Td>
                    <Table.Td visibleFrom="sm">last used {ago(session.last_used_at, Date.now())}</Table.Td>
                    <Table.Td visibleFrom="sm">ends {moment(session.expires_at)}</Table.Td>
                    <Table.Td ta="right">
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => end.mutate(session.id)}
                        aria-label={`sign out ${session.owner}'s browser`}
                      >
                        Sign out
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </QueryView>
    </Section>
  );
}
