// The login: a browser exchanges the token that `reslab up` printed for a session.
import { Button, Code, Paper, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { Problem } from "../api/problem";
import { openSession } from "../api/service";
import { PageTitle } from "../ui/PageTitle";

const OtherLogin = lazy(() => import("./OtherLogin"));
const UNKNOWN =
  "The service doesn't know this token: it may be from an earlier start. Use the token printed at the last start.";

export function Login() {
  const isRefused = location.hash === "#unknown-token"; // set where the opened address had an unknown token
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const login = useMutation({
    mutationFn: () => openSession(token.trim()),
    onSuccess: () => queries.resetQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <Paper withBorder maw={520} mx="auto" mt="xl" p="xl">
      <form onSubmit={submit}>
        <Stack>
          <PageTitle>Log in</PageTitle>
          <Text>
            Open the URL that <Code>reslab up</Code> (or <Code>make run</Code>) printed, or paste its token
            here.
          </Text>
          <PasswordInput
            label="Token"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={login.error ? messageOf(login.error) : isRefused && UNKNOWN}
            autoComplete="off"
          />
          <Button type="submit" loading={login.isPending} disabled={token.trim() === ""}>
            Log in
          </Button>
          <Suspense>
            <OtherLogin />
          </Suspense>
          {token.trim() === "" && (
            <Text size="xs" c="dimmed">
              The token is also in <Code>state.json</Code> in the service's home folder.
            </Text>
          )}
        </Stack>
      </form>
    </Paper>
  );
}

function messageOf(error: Error): string {
  if (error instanceof Problem && error.status === 401) return UNKNOWN;
  if (error instanceof Problem && error.isAway) return "The service doesn't answer. Is it running?";
  return error.message;
}
