// The door: a browser gets its session for the token that `reslab up` printed.
import { Button, Code, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { openSession } from "../api/client";
import { Problem } from "../api/problem";

const UNKNOWN = "The service does not know this token: it may be one of before.";

export function Login() {
  const isRefused = location.hash === "#unknown-token"; // the address that was opened had one
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
          <Title order={1}>This browser has no session</Title>
          <Text>
            Open the URL that <Code>reslab up</Code> (or <Code>make run</Code>) printed, or paste its token
            here:
          </Text>
          <PasswordInput
            label="Token"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={login.error ? wordsFor(login.error) : isRefused && UNKNOWN}
            autoComplete="off"
          />
          <Button type="submit" loading={login.isPending} disabled={token.trim() === ""}>
            Open a session
          </Button>
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

function wordsFor(error: Error): string {
  if (error instanceof Problem && error.status === 401) return UNKNOWN;
  if (error instanceof Problem && error.isAway) return "The service does not answer. Is it running?";
  return error.message;
}
