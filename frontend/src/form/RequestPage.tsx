// The page of a new run or study: its form, and beside it the live plan and the same request with curl.
import { Button, Grid, Group, Stack } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { CopyableCode } from "../ui/CopyableCode";
import { PageTitle } from "../ui/PageTitle";
import { Refusal } from "../ui/Refusal";
import { curlOf } from "./curl";

type Props = {
  noun: "run" | "study";
  /** The request's body. */
  body: object;
  submit: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "error" | "isPending">;
  /** Above the form. */
  intro?: ReactNode;
  plan: ReactNode;
  /** Beside the button that starts it, which stays in sight: what it will take. */
  summary?: ReactNode;
  /** The form's fields. */
  children: ReactNode;
};

const ROUTES = { run: "runs", study: "studies" } as const;

export function RequestPage({ noun, body, submit, intro, plan, summary, children }: Props) {
  return (
    <Stack gap="md">
      <PageTitle>{`New ${noun}`}</PageTitle>
      {intro}
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              submit.mutate();
            }}
          >
            <Stack gap="md">
              {children}
              <Refusal title={`The ${noun} was not accepted`} error={submit.error} />
              <Group className="start-bar">
                <Button type="submit" loading={submit.isPending}>
                  Start {noun}
                </Button>
                {summary}
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
