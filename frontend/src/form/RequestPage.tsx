// The page of a new run or study: its form, and beside it the live plan and the same request with curl.
import { Button, Grid, Group, Stack, Text } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useRefusal } from "../api/rights";
import { CopyableCode } from "../ui/CopyableCode";
import { DisabledReason } from "../ui/DisabledReason";
import { PageTitle } from "../ui/PageTitle";
import { Refusal } from "../ui/Refusal";
import { curlOf } from "./curl";

type Props = {
  noun: "run" | "study";
  /** What the browser's tab says; the page's title where it is left out. */
  tab?: string;
  /** The request's body. */
  body: { project?: string };
  submit: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "error" | "isPending">;
  /** Above the form. */
  intro?: ReactNode;
  plan: ReactNode;
  /** Beside the button that starts it, which stays in sight: what it will take. */
  summary?: ReactNode;
  /** The form's fields. */
  children: ReactNode;
};

// Where a run or study goes that names no project.
const COMMON_PROJECT = "default";

const ROUTES = { run: "runs", study: "studies" } as const;

export function RequestPage({
  noun,
  tab = `New ${noun}`,
  body,
  submit,
  intro,
  plan,
  summary,
  children,
}: Props) {
  const refusal = useRefusal("submit", [{ project: body.project ?? COMMON_PROJECT }]);
  return (
    <Stack gap="md">
      <PageTitle tab={tab}>{`New ${noun}`}</PageTitle>
      {intro}
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (!refusal) submit.mutate();
            }}
          >
            <Stack gap="md">
              {children}
              <Refusal title={`The ${noun} was not accepted`} error={submit.error} />
              <Group className="start-bar">
                <DisabledReason why={refusal}>
                  <Button type="submit" loading={submit.isPending}>
                    Start {noun}
                  </Button>
                </DisabledReason>
                {refusal ? <Text size="sm">{refusal}</Text> : summary}
              </Group>
            </Stack>
          </form>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="md">
            {plan}
            <details>
              <summary>The same request with curl</summary>
              <CopyableCode label="curl command">{curlOf(body, location.origin, ROUTES[noun])}</CopyableCode>
            </details>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
