// Who may do what: your keys and browsers, the projects that you see, and for administrators the people.
import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { closeSession } from "../../api/access";
import { sessionQuery } from "../../api/queries";
import { useRights } from "../../api/rights";
import { LinkButton } from "../../ui/LinkButton";
import { PageTitle } from "../../ui/PageTitle";
import { QueryView } from "../../ui/QueryView";
import { Audit } from "./Audit";
import { Keys } from "./Keys";
import { People } from "./People";
import { Projects } from "./Projects";
import { Sessions } from "./Sessions";
import { Usage } from "./Usage";

export function AccessPage() {
  const queries = useQueryClient();
  const refusals = useRights()?.refusals;
  const signOut = useMutation({ mutationFn: closeSession, onSuccess: () => queries.resetQueries() });
  return (
    <QueryView query={useQuery(sessionQuery)} what="session">
      {(session) => (
        <Stack gap="lg">
          <PageTitle>Access</PageTitle>
          <Group gap="sm">
            <Text>
              You are signed in as <strong>{session.owner}</strong>
              {session.is_administrator && ", an administrator of this service"}.
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => signOut.mutate()}>
              Sign out
            </Button>
          </Group>
          {refusals && !refusals.administer && (
            <Group gap="sm">
              <LinkButton to="/notices" size="compact-sm" variant="default">
                Notices
              </LinkButton>
              <LinkButton to="/retention" size="compact-sm" variant="default">
                Old files
              </LinkButton>
            </Group>
          )}
          <Projects />
          <Usage isAdministrator={refusals !== undefined && !refusals.administer} />
          {refusals && !refusals.own && (
            <>
              <Keys session={session} />
              <Sessions />
              <Audit />
            </>
          )}
          {refusals && !refusals.administer && <People />}
          {refusals?.own && (
            <Text c="dimmed">Keys, browsers and the audit trail are not shown here. {refusals.own}</Text>
          )}
        </Stack>
      )}
    </QueryView>
  );
}
